//go:build cgo && !norocksdb

#include "env.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>

#include "_cgo_export.h"
#include "rocksdb/utilities/object_registry.h"
#include "rocksdb/version.h"

namespace flinch {

using rocksdb::Status;

const char kScheme[] = "flinch";

namespace {

std::mutex slots_mutex;

std::vector<std::unique_ptr<SimEnv>>& Slots() {
  static auto* slots = new std::vector<std::unique_ptr<SimEnv>>;
  return *slots;
}

// Enlist makes flinch://<slot> known to the engine, once.
void Enlist() {
  using rocksdb::ObjectLibrary;
  ObjectLibrary::PatternEntry pattern(kScheme, false);
  pattern.AddNumber("://");
  ObjectLibrary::Default()->AddFactory<rocksdb::Env>(
      pattern, [](const std::string& uri, std::unique_ptr<rocksdb::Env>*, std::string*) {
        const char* number = uri.c_str() + strlen(kScheme) + strlen("://");
        return static_cast<rocksdb::Env*>(EnvOf(std::strtoul(number, nullptr, 10)));
      });
}

}  // namespace

SimEnv* EnvOf(uint32_t slot) {
  std::lock_guard<std::mutex> lock(slots_mutex);
  auto& slots = Slots();
  while (slots.size() <= slot) slots.emplace_back(new SimEnv(slots.size()));
  return slots[slot].get();
}

void SimEnv::Reset(bool stepped, bool chooses) {
  generation_++;
  stepped_ = stepped;
  chooses_ = chooses;
  counters_ = {};
  jobs_.clear();
  for (int& pool : pools_) pool = 1;
  pools_[BOTTOM] = 0;
  std::lock_guard<std::mutex> lock(seldom_);
  threads_.clear();
  refused_.clear();
}

Status SimEnv::Refuse(const char* method) const {
  std::lock_guard<std::mutex> lock(seldom_);
  refused_[method]++;
  return Status::NotSupported(method);
}

std::string SimEnv::Refused() {
  std::lock_guard<std::mutex> lock(seldom_);
  std::string lines;
  for (const auto& [method, count] : refused_) {
    lines += method + " " + std::to_string(count) + "\n";
  }
  return lines;
}

Inside::Inside(SimEnv* env) : env_(env) {
  if (env->inside_.fetch_add(1) != 0) __atomic_fetch_add(&env->counters_.overlaps, 1, __ATOMIC_SEQ_CST);
  // What this thread was last seen in: most calls end here.
  thread_local const SimEnv* seen = nullptr;
  thread_local uint64_t generation = 0;
  if (seen == env && generation == env->generation_) return;
  seen = env;
  generation = env->generation_;
  std::lock_guard<std::mutex> lock(env->seldom_);
  env->threads_.insert(static_cast<int>(syscall(SYS_gettid)));
  __atomic_store_n(&env->counters_.threads, env->threads_.size(), __ATOMIC_SEQ_CST);
}

Status Told(const std::string& name, const simenv_failure& failure) {
  const rocksdb::Slice text(failure.text, failure.size);
  switch (failure.kind) {
    case SIMENV_MISSING:
      return Status::PathNotFound(name, text);
    case SIMENV_UNSUPPORTED:
      return Status::NotSupported(name, text);
    default:  // a full disk, too: on Status::NoSpace the engine may start a thread that waits for room
      return Status::IOError(name, text);
  }
}

}  // namespace flinch

extern "C" {

using flinch::SimEnv;

static SimEnv* Of(simenv* env) { return reinterpret_cast<SimEnv*>(env); }

simenv* simenv_open(uint32_t slot, int stepped, int chooses) {
  static std::once_flag once;
  std::call_once(once, flinch::Enlist);
  SimEnv* env = flinch::EnvOf(slot);
  env->Reset(stepped != 0, chooses != 0);
  return reinterpret_cast<simenv*>(env);
}

simenv_counters* simenv_count(simenv* env) { return Of(env)->counters(); }

int simenv_step(simenv* env, int flushes_only) { return Of(env)->Step(flushes_only != 0); }

void simenv_drain(simenv* env) {
  while (Of(env)->Step(false)) {
  }
}

size_t simenv_refused(simenv* env, char* to, size_t size) {
  const std::string lines = Of(env)->Refused();
  memcpy(to, lines.data(), lines.size() < size ? lines.size() : size);
  return lines.size();
}

const char* simenv_scheme(void) { return flinch::kScheme; }

void simenv_version(int32_t* headers, int32_t* library) {
  headers[0] = ROCKSDB_MAJOR;
  headers[1] = ROCKSDB_MINOR;
  headers[2] = ROCKSDB_PATCH;
  const std::string text = rocksdb::GetRocksVersionAsString(true);
  sscanf(text.c_str(), "%d.%d.%d", &library[0], &library[1], &library[2]);
}
}
