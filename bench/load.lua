-- Requests of one kind with random keys, drawn before the clock starts: building them while it runs would cost the
-- faster server most, since wrk shares the cores with it. See the class Load in generator.py for the variables.
local low, high = tonumber(os.getenv("BENCH_LOW")), tonumber(os.getenv("BENCH_HIGH"))
local step = tonumber(os.getenv("BENCH_STEP"))
local path = os.getenv("BENCH_PATH")
local pause = tonumber(os.getenv("BENCH_PAUSE_MS"))
local body = os.getenv("BENCH_BODY") or ""
local post = {["Content-Type"] = "application/json"}
local drawn = 16384
local requests, at = {}, 0

function init(_)
  math.randomseed(tonumber(os.getenv("BENCH_SEED")))
  for i = 1, drawn do
    local number = low + step * math.random(0, math.floor((high - low) / step))
    local drawn_path = path:gsub("{}", string.format("%d", number))
    if body == "" then
      requests[i] = wrk.format("GET", drawn_path)
    else
      requests[i] = wrk.format("POST", drawn_path, post, (body:gsub("{}", string.format("%d", number))))
    end
  end
end

function request()
  at = at % drawn + 1
  return requests[at]
end

-- Only declared when asked for: wrk arms a timer for every request where there is a delay().
if pause > 0 then
  function delay()
    return math.random(0, 2 * pause)
  end
end

function done(summary, latency, _)
  local e = summary.errors
  io.write(string.format(
    '\nBENCH {"requests": %d, "seconds": %.6f, "bytes": %d, "p50_ms": %.3f, "p99_ms": %.3f, ' ..
    '"max_ms": %.3f, "failed": %d}\n',
    summary.requests, summary.duration / 1e6, summary.bytes, latency:percentile(50) / 1e3,
    latency:percentile(99) / 1e3, latency.max / 1e3,
    e.connect + e.read + e.write + e.status + e.timeout))
end
