#include <algorithm>
#include <cstring>

#include "net/connection.h"

namespace hansa::net {

void ReceiveBuffer::consume(std::size_t bytes) {
  begin_ += bytes;
  if (begin_ == end_) begin_ = end_ = 0;
}

async::asio::mutable_buffer ReceiveBuffer::prepare(std::size_t wanted) {
  if (capacity_ - end_ < wanted) {
    auto const unread_bytes = end_ - begin_;
    if (capacity_ >= unread_bytes + wanted) {
      std::memmove(bytes_.get(), bytes_.get() + begin_, unread_bytes);
    } else {
      auto const capacity = std::max({bytes_min, capacity_ * 2, unread_bytes + wanted});
      auto grown = std::make_unique_for_overwrite<char[]>(capacity);
      if (unread_bytes > 0) std::memcpy(grown.get(), bytes_.get() + begin_, unread_bytes);
      bytes_ = std::move(grown);
      capacity_ = capacity;
    }
    begin_ = 0;
    end_ = unread_bytes;
  }
  return {bytes_.get() + end_, capacity_ - end_};
}

void ReceiveBuffer::shrink() {
  if (begin_ != end_ || capacity_ <= bytes_min) return;
  bytes_.reset();
  capacity_ = begin_ = end_ = 0;
}

}  // namespace hansa::net
