// Reading and writing whole messages of Kafka's protocol: their layouts are in the sources of the
// same names as the headers. Pure; open to all threads. All input is hostile: lengths and counts
// are held against the bytes there are, and structures are bounded in number.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace hansa::wire {

// What follows the header of a request, or of an answer. What is left over behind it is passed
// over, as Apache Kafka does: librdkafka sends three bytes too many when it asks for all topics.
// Strings are copied, records are views of `bytes`. Requires a version that the table of wire/api.h
// serves. Error: invalid_body.
template <class Message>
[[nodiscard]] Result<Message> read_message(std::string_view bytes, std::int16_t version);

// Appends it. Members that the version does not have are left out.
template <class Message>
void write_message(Message const& message, std::int16_t version, std::string& out);

}  // namespace hansa::wire
