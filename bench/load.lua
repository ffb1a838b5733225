-- wrk script: requests drawn before the clock starts, results as one line of JSON.
-- Arguments: pattern (%d is a random key), keys, slow pattern or "-", pause between requests in ms.
local requests, slow, pause, sent, drawn = {}, nil, 0, 0, 20000

function init(args)
  math.randomseed(os.time())
  for i = 1, drawn do
    requests[i] = wrk.format("GET", (args[1]:gsub("%%d", function() return math.random(tonumber(args[2])) end)))
  end
  if args[3] and args[3] ~= "-" then slow = wrk.format("GET", args[3]) end
  pause = tonumber(args[4] or "0")
  if pause > 0 then delay = function() return pause end end
end

function request()
  sent = sent + 1
  if slow and sent % 1000 == 500 then return slow end
  return requests[sent % drawn + 1]
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    'RESULT {"requests":%d,"seconds":%.6f,"bytes":%d,"p50_ms":%.4f,"p99_ms":%.4f,"max_ms":%.4f,"errors":%d}\n',
    summary.requests, summary.duration / 1e6, summary.bytes, latency:percentile(50) / 1e3,
    latency:percentile(99) / 1e3, latency.max / 1e3,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
