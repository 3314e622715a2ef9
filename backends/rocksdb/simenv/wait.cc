//go:build cgo && !norocksdb

// The baton between the simulation and stepped jobs, and what happens when the
// engine waits for a background job.

#include <dlfcn.h>
#include <pthread.h>

#include <cstdio>
#include <cstdlib>
#include <thread>

#include "env.h"

namespace flinch {

thread_local SimEnv* draining_here = nullptr;

void* Next(const char* symbol, const char* version) {
  void* found = version != nullptr ? dlvsym(RTLD_NEXT, symbol, version) : nullptr;
  if (found == nullptr) found = dlsym(RTLD_NEXT, symbol);
  if (found == nullptr) {
    fprintf(stderr, "flinch: no shared library has %s: link against the shared RocksDB\n", symbol);
    abort();
  }
  return found;
}

namespace {

thread_local Worker* worker_here = nullptr;

std::mutex pool_mutex;

std::vector<Worker*>& Pool() {
  static auto* pool = new std::vector<Worker*>;
  return *pool;
}

void Await(sem_t* semaphore) {
  while (sem_wait(semaphore) != 0) {  // interrupted by a signal
  }
}

// RealWait is the C library's pthread_cond_wait. Without its version, dlsym may
// return one for a condition variable of another layout.
int RealWait(pthread_cond_t* cond, pthread_mutex_t* mutex) {
  using Wait = int (*)(pthread_cond_t*, pthread_mutex_t*);
  static const Wait wait = [] {
#ifdef __x86_64__
    const char* const version = "GLIBC_2.3.2";
#else
    const char* const version = nullptr;
#endif
    return reinterpret_cast<Wait>(Next("pthread_cond_wait", version));
  }();
  return wait(cond, mutex);
}

}  // namespace

Worker::Worker() {
  sem_init(&go_, 0, 0);
  sem_init(&back_, 0, 0);
  std::thread([this] { Loop(); }).detach();
}

Worker* Worker::Take() {
  std::lock_guard<std::mutex> lock(pool_mutex);
  auto& pool = Pool();
  if (pool.empty()) return new Worker;
  Worker* worker = pool.back();
  pool.pop_back();
  return worker;
}

void Worker::Start(void (*run)(void*), void* arg) {
  run_ = run;
  arg_ = arg;
  done_ = false;
}

void Worker::Loop() {
  worker_here = this;
  for (;;) {
    Await(&go_);
    run_(arg_);
    done_ = true;
    sem_post(&back_);
  }
}

bool Worker::Resume() {
  sem_post(&go_);
  Await(&back_);
  const bool done = done_;
  if (done) {
    std::lock_guard<std::mutex> lock(pool_mutex);
    Pool().push_back(this);
  }
  return done;
}

void Worker::HandOver() {
  sem_post(&back_);
  Await(&go_);
}

void HandOver() {
  if (worker_here != nullptr) worker_here->HandOver();
}

}  // namespace flinch

extern "C" {

simenv* simenv_enter(simenv* env) {
  auto* before = flinch::draining_here;
  flinch::draining_here = reinterpret_cast<flinch::SimEnv*>(env);
  return reinterpret_cast<simenv*>(before);
}

// This definition takes the place of the C library's for the engine, which calls
// it through its symbol table, as it may for every thread of the process: any
// that neither runs a job nor is inside of While gets the real one. Where the
// engine waits for a background job, the job goes on instead, and the engine looks
// again whether what it waits for has come: a condition variable may wake without
// a cause.
int pthread_cond_wait(pthread_cond_t* cond, pthread_mutex_t* mutex) {
  flinch::SimEnv* const env = flinch::draining_here;
  if (flinch::worker_here != nullptr) {
    pthread_mutex_unlock(mutex);
    flinch::HandOver();
    pthread_mutex_lock(mutex);
    return 0;
  }
  if (env == nullptr || env->counters()->backlog == 0) return flinch::RealWait(cond, mutex);
  pthread_mutex_unlock(mutex);
  env->Step(false);
  pthread_mutex_lock(mutex);
  return 0;
}
}
