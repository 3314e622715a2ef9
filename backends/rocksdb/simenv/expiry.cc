//go:build cgo && !norocksdb

// Compactions that leave out values which have expired: a filter for each of them,
// that knows no more than the bytes and what Go said before it began.

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "rocksdb/compaction_filter.h"
#include "rocksdb/slice.h"
#include "rocksdb/utilities/object_registry.h"
#include "simenv.h"

namespace flinch {

namespace {

using rocksdb::CompactionFilter;
using rocksdb::Slice;

// The name in the files of options. What comes behind it in an option's text, the
// number of an expiry, reaches no file.
const char kExpiry[] = "flinch-expiry";

const char kComma = ',';

const size_t kStampBytes = 8;

int64_t StampOf(const Slice& value) {
  uint64_t stamp = 0;
  for (size_t i = 0; i < kStampBytes; i++) stamp = stamp << 8 | static_cast<uint8_t>(value[i]);
  return static_cast<int64_t>(stamp);
}

// Expired is backends.CleanUp.ExpiredAt.
bool Expired(const simenv_expiring& of, const Slice& value) {
  if (value.size() < kStampBytes) return false;
  const int64_t stamp = StampOf(value);
  int64_t lifetime = of.lifetime;
  if (stamp > 0 && lifetime > INT64_MAX - stamp) lifetime = INT64_MAX - stamp;
  return stamp + lifetime <= of.now;
}

// Element takes the next element off a list, and tells whether there is a whole one.
bool Element(const simenv_expiring& of, Slice* list, Slice* element) {
  uint64_t size = of.element_bytes;
  if (size == 0) {
    int shift = 0;
    uint8_t byte = 0x80;
    for (; byte >= 0x80 && shift < 63 && !list->empty(); shift += 7) {
      byte = static_cast<uint8_t>((*list)[0]);
      size |= static_cast<uint64_t>(byte & 0x7f) << shift;
      list->remove_prefix(1);
    }
    if (byte >= 0x80 || size == 0) return false;
  }
  if (size > list->size()) return false;
  *element = Slice(list->data(), size);
  list->remove_prefix(size);
  return true;
}

// Filter is one compaction's. Its time stands still.
class Filter : public CompactionFilter {
 public:
  Filter(const simenv_expiring& of, std::atomic<int64_t>* dropped) : of_(of), dropped_(dropped) {}

  const char* Name() const override { return kExpiry; }

  Decision FilterV2(int, const Slice&, ValueType type, const Slice& value, std::string* changed,
                    std::string*) const override {
    if (type != ValueType::kValue) return Decision::kKeep;
    switch (of_.layout) {
      case SIMENV_LIST:
        return FilterList(value, changed);
      case SIMENV_MAP:
        if (value.empty()) return Decision::kKeep;
        return FilterOne(Slice(value.data() + 1, value.size() - 1));
      default:
        return FilterOne(value);
    }
  }

 private:
  Decision FilterOne(const Slice& value) const {
    if (!Expired(of_, value)) return Decision::kKeep;
    dropped_->fetch_add(1);
    return Decision::kRemove;
  }

  // FilterList keeps a list as it is if it cannot be taken apart: whoever reads it
  // will say so.
  Decision FilterList(Slice list, std::string* kept) const {
    int64_t gone = 0;
    while (true) {
      const char* const begin = list.data();
      Slice element;
      if (!Element(of_, &list, &element)) return Decision::kKeep;
      if (Expired(of_, element)) {
        gone++;
      } else {
        if (!kept->empty()) kept->push_back(kComma);
        kept->append(begin, list.data() - begin);
      }
      if (list.empty()) break;
      if (list[0] != kComma) return Decision::kKeep;
      list.remove_prefix(1);
    }
    if (gone == 0) return Decision::kKeep;
    dropped_->fetch_add(gone);
    return kept->empty() ? Decision::kRemove : Decision::kChangeValue;
  }

  const simenv_expiring of_;
  std::atomic<int64_t>* const dropped_;
};

// Expiry is what may be left out of one database.
class Expiry {
 public:
  void Reset() {
    std::lock_guard<std::mutex> lock(mutex_);
    families_.clear();
    dropped_.store(0);
  }

  void Set(uint32_t family, const simenv_expiring& of) {
    std::lock_guard<std::mutex> lock(mutex_);
    families_[family] = of;
  }

  // Begin returns nothing if all of the family is kept.
  std::unique_ptr<CompactionFilter> Begin(uint32_t family) {
    std::lock_guard<std::mutex> lock(mutex_);
    const auto found = families_.find(family);
    if (found == families_.end()) return nullptr;
    return std::unique_ptr<CompactionFilter>(new Filter(found->second, &dropped_));
  }

  int64_t dropped() const { return dropped_.load(); }

 private:
  std::mutex mutex_;
  std::map<uint32_t, simenv_expiring> families_;
  std::atomic<int64_t> dropped_{0};
};

// ExpiryOf returns the expiry of a slot, made if it is missing; they are never
// freed.
Expiry* ExpiryOf(uint32_t slot) {
  static std::mutex mutex;
  static auto* const slots = new std::vector<std::unique_ptr<Expiry>>;
  std::lock_guard<std::mutex> lock(mutex);
  while (slots->size() <= slot) slots->emplace_back(new Expiry);
  return (*slots)[slot].get();
}

// Factory makes the filters of one database, whose families share it.
class Factory : public rocksdb::CompactionFilterFactory {
 public:
  explicit Factory(Expiry* of) : of_(of) {}

  const char* Name() const override { return kExpiry; }

  std::unique_ptr<CompactionFilter> CreateCompactionFilter(
      const CompactionFilter::Context& context) override {
    return of_ == nullptr ? nullptr : of_->Begin(context.column_family_id);
  }

 private:
  Expiry* const of_;  // null where the engine reads its options back, to compare
};

// EnlistExpiry makes flinch-expiry://<slot> known to the engine, once.
void EnlistExpiry() {
  using rocksdb::CompactionFilterFactory;
  using rocksdb::ObjectLibrary;
  ObjectLibrary::PatternEntry pattern(kExpiry, true);
  pattern.AddNumber("://");
  ObjectLibrary::Default()->AddFactory<CompactionFilterFactory>(
      pattern, [](const std::string& uri, std::unique_ptr<CompactionFilterFactory>* made,
                  std::string*) {
        const size_t before = strlen(kExpiry) + strlen("://");
        Expiry* of = nullptr;
        if (uri.size() > before) of = ExpiryOf(std::strtoul(uri.c_str() + before, nullptr, 10));
        made->reset(new Factory(of));
        return made->get();
      });
}

}  // namespace

}  // namespace flinch

extern "C" {

void simenv_expiry_open(uint32_t slot) {
  static std::once_flag once;
  std::call_once(once, flinch::EnlistExpiry);
  flinch::ExpiryOf(slot)->Reset();
}

void simenv_expiry_set(uint32_t slot, uint32_t family, const simenv_expiring* of) {
  flinch::ExpiryOf(slot)->Set(family, *of);
}

int64_t simenv_expiry_dropped(uint32_t slot) { return flinch::ExpiryOf(slot)->dropped(); }

const char* simenv_expiry_scheme(void) { return flinch::kExpiry; }

}  // extern "C"
