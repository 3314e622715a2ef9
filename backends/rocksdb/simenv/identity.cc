//go:build cgo && !norocksdb

// Time and identity are virtual; nothing is logged.

#include <dlfcn.h>

#include <cstring>

#include "_cgo_export.h"
#include "env.h"

namespace flinch {

using rocksdb::Status;

namespace {

const char kHost[] = "flinch";

class Silence : public rocksdb::Logger {
 public:
  Silence() : Logger(rocksdb::InfoLogLevel::FATAL_LEVEL) {}
  void LogHeader(const char*, va_list) override {}
  void Logv(const char*, va_list) override {}
  void Logv(const rocksdb::InfoLogLevel, const char*, va_list) override {}
  void SetInfoLogLevel(const rocksdb::InfoLogLevel) override {}

 protected:
  Status CloseImpl() override { return Status::OK(); }
};

}  // namespace

uint64_t SimEnv::NowNanos() {
  Inside inside(this);
  return flinchNow(slot_);
}

uint64_t SimEnv::NowMicros() { return NowNanos() / 1000; }

uint64_t SimEnv::NowCPUNanos() { return 0; }

void SimEnv::SleepForMicroseconds(int micros) {
  Inside inside(this);
  flinchSleep(slot_, micros);
}

Status SimEnv::GetCurrentTime(int64_t* seconds) {
  *seconds = static_cast<int64_t>(NowNanos() / 1000000000);
  return Status::OK();
}

std::string SimEnv::TimeToString(uint64_t seconds) { return std::to_string(seconds); }

Status SimEnv::GetHostName(char* name, uint64_t size) {
  strncpy(name, kHost, size);
  return Status::OK();
}

Status SimEnv::GetHostNameString(std::string* name) {
  *name = kHost;
  return Status::OK();
}

std::string SimEnv::GenerateUniqueId() {
  Inside inside(this);
  char id[SIMENV_UNIQUE];
  flinchUnique(slot_, id);
  return std::string(id, sizeof(id));
}

Status SimEnv::NewLogger(const std::string&, std::shared_ptr<rocksdb::Logger>* result) {
  *result = std::make_shared<Silence>();
  return Status::OK();
}

}  // namespace flinch

namespace rocksdb {

// Of the engine's own class, only the name and this function matter here: it
// takes the place of the library's, which draws the id of each opening at random.
class DBImpl {
 public:
  static std::string GenerateDbSessionId(Env* env);
};

std::string DBImpl::GenerateDbSessionId(Env* env) {
  if (env != nullptr && env->Name() == flinch::kScheme) {
    auto* ours = static_cast<flinch::SimEnv*>(env);
    flinch::Inside inside(ours);
    char id[SIMENV_SESSION];
    flinchSession(ours->slot(), id);
    return std::string(id, sizeof(id));
  }
  using Generate = std::string (*)(Env*);
  static const auto library = reinterpret_cast<Generate>(flinch::Next(
      "_ZN7rocksdb6DBImpl19GenerateDbSessionIdB5cxx11EPNS_3EnvE", nullptr));
  return library(env);
}

}  // namespace rocksdb
