// For the sources that say how messages are laid out: what makes read_message and write_message of
// one function `fields(io, message, version)`.
#pragma once

#include "wire/api.h"
#include "wire/message.h"
#include "wire/protocol_io.h"

namespace hansa::wire {

template <class Message>
[[nodiscard]] bool is_flexible(std::int16_t version) {
  return version >= find_api(static_cast<std::int16_t>(Message::key))->flexible;
}

// clang-format off
#define HANSA_MESSAGE(Message)                                                                \
  template <>                                                                                 \
  Result<Message> read_message<Message>(std::string_view bytes, std::int16_t version) {       \
    ProtocolReader io(bytes, is_flexible<Message>(version));                                  \
    Message message;                                                                          \
    fields(io, message, version);                                                             \
    if (!io.ok())                                                       \
      return failure(Code::invalid_body, "the bytes are no " #Message);                       \
    return message;                                                                           \
  }                                                                                           \
  template <>                                                                                 \
  void write_message<Message>(Message const& message, std::int16_t version, std::string& out) { \
    ProtocolWriter io(out, is_flexible<Message>(version));                                    \
    fields(io, const_cast<Message&>(message), version);                                       \
  }
// clang-format on

}  // namespace hansa::wire
