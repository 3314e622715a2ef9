//go:build cgo && !norocksdb

// Background jobs: a queue that the simulation drains.

#include <algorithm>

#include "_cgo_export.h"
#include "env.h"

namespace flinch {

using rocksdb::Status;

// Set while this thread may drain an Env's jobs instead of waiting; see wait.cc.
extern thread_local SimEnv* draining_here;

void SimEnv::Count() {
  int64_t suspended = 0;
  for (const auto& job : jobs_) suspended += job->worker != nullptr;
  __atomic_store_n(&counters_.suspended, suspended, __ATOMIC_SEQ_CST);
  __atomic_store_n(&counters_.backlog, jobs_.size(), __ATOMIC_SEQ_CST);
}

void SimEnv::Finished(Priority pool) {
  int64_t* counter = pool == HIGH ? &counters_.flushes : &counters_.compactions;
  __atomic_fetch_add(counter, 1, __ATOMIC_SEQ_CST);
}

void SimEnv::Schedule(void (*run)(void*), void* arg, Priority pool, void* tag,
                      void (*forget)(void*)) {
  Inside inside(this);
  jobs_.emplace_back(new Job{run, arg, tag, forget, pool, nullptr});
  Count();
}

int SimEnv::UnSchedule(void* tag, Priority pool) {
  std::vector<std::unique_ptr<Job>> gone, kept;
  for (auto& job : jobs_) {
    const bool queued = job->worker == nullptr && job->tag == tag && job->pool == pool;
    (queued ? gone : kept).push_back(std::move(job));
  }
  jobs_ = std::move(kept);
  Count();
  for (const auto& job : gone) {
    if (job->forget != nullptr) job->forget(job->arg);
  }
  return static_cast<int>(gone.size());
}

bool SimEnv::Step(bool flushes_only) {
  std::vector<Job*> ready;
  for (const auto& job : jobs_) {
    if (!flushes_only || job->pool == HIGH) ready.push_back(job.get());
  }
  if (ready.empty()) return false;
  size_t which = 0;
  if (chooses_ && ready.size() > 1) which = flinchChoose(slot_, ready.size()) % ready.size();
  if (stepped_) {
    Advance(ready[which]);
  } else {
    RunWhole(ready[which]);
  }
  return true;
}

// Take removes a job from those that are queued or suspended.
std::unique_ptr<Job> SimEnv::Take(Job* job) {
  const auto at = std::find_if(jobs_.begin(), jobs_.end(),
                               [job](const auto& j) { return j.get() == job; });
  std::unique_ptr<Job> taken = std::move(*at);
  jobs_.erase(at);
  Count();
  return taken;
}

void SimEnv::RunWhole(Job* next) {
  const std::unique_ptr<Job> job = Take(next);
  SimEnv* const before = draining_here;
  draining_here = this;
  job->run(job->arg);
  draining_here = before;
  Finished(job->pool);
}

void SimEnv::Advance(Job* job) {
  if (job->worker == nullptr) {
    job->worker = Worker::Take();
    job->worker->Start(job->run, job->arg);
  }
  if (job->worker->Resume()) {
    Finished(job->pool);
    Take(job);
  }
  Count();
}

// A thread of its own becomes a job: nothing in use asks for one.
void SimEnv::StartThread(void (*run)(void*), void* arg) {
  Refuse("StartThread").PermitUncheckedError();
  Schedule(run, arg, LOW, nullptr, nullptr);
}

void SimEnv::WaitForJoin() {}

int SimEnv::ReserveThreads(int, Priority) { return 0; }

int SimEnv::ReleaseThreads(int, Priority) { return 0; }

unsigned int SimEnv::GetThreadPoolQueueLen(Priority pool) const {
  unsigned int queued = 0;
  for (const auto& job : jobs_) queued += job->worker == nullptr && job->pool == pool;
  return queued;
}

void SimEnv::SetBackgroundThreads(int n, Priority pool) { pools_[pool] = n; }

int SimEnv::GetBackgroundThreads(Priority pool) { return pools_[pool]; }

void SimEnv::IncBackgroundThreadsIfNeeded(int n, Priority pool) {
  pools_[pool] = std::max(pools_[pool], n);
}

void SimEnv::LowerThreadPoolIOPriority(Priority) {}

void SimEnv::LowerThreadPoolCPUPriority(Priority) {}

Status SimEnv::LowerThreadPoolCPUPriority(Priority, rocksdb::CpuPriority) {
  return Refuse("LowerThreadPoolCPUPriority");
}

Status SimEnv::SetAllowNonOwnerAccess(bool) { return Refuse("SetAllowNonOwnerAccess"); }

Status SimEnv::GetThreadList(std::vector<rocksdb::ThreadStatus>*) {
  return Refuse("GetThreadList");
}

rocksdb::ThreadStatusUpdater* SimEnv::GetThreadStatusUpdater() const { return nullptr; }

uint64_t SimEnv::GetThreadID() const { return 1; }

Status SimEnv::LoadLibrary(const std::string&, const std::string&,
                           std::shared_ptr<rocksdb::DynamicLibrary>*) {
  return Refuse("LoadLibrary");
}

}  // namespace flinch
