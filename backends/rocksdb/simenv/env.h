//go:build cgo && !norocksdb

// The Env itself; see simenv.h for its border with Go.
#ifndef FLINCH_ENV_H
#define FLINCH_ENV_H

#include <semaphore.h>

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "rocksdb/env.h"
#include "simenv.h"

namespace flinch {

extern const char kScheme[];

// A Worker is a thread that a stepped job runs on. It moves only between Resume
// and the moment when it hands over, and whoever called Resume waits meanwhile:
// exactly one of the two runs.
class Worker {
 public:
  static Worker* Take();  // from the pool of idle ones, which all Envs share
  void Start(void (*run)(void*), void* arg);
  bool Resume();    // true: the job is at its end, and the worker in the pool again
  void HandOver();  // on the worker's own thread

 private:
  Worker();
  void Loop();

  sem_t go_, back_;
  void (*run_)(void*) = nullptr;
  void* arg_ = nullptr;
  bool done_ = false;
};

// HandOver lets the simulation go on if this thread runs a stepped job.
void HandOver();

struct Job {
  void (*run)(void*);
  void* arg;
  void* tag;
  void (*forget)(void*);
  rocksdb::Env::Priority pool;
  Worker* worker;  // null until it is started
};

// SimEnv is the Env of one slot. It derives from Env and not from EnvWrapper, so
// that no method can reach the real machine because somebody forgot it.
class SimEnv : public rocksdb::Env {
 public:
  explicit SimEnv(uint32_t slot) : slot_(slot) {}

  void Reset(bool stepped, bool chooses);
  bool Step(bool flushes_only);
  uint32_t slot() const { return slot_; }
  simenv_counters* counters() { return &counters_; }
  std::string Refused();
  rocksdb::Status Refuse(const char* method) const;

  const char* Name() const override { return kScheme; }

  // Files.
  rocksdb::Status NewSequentialFile(const std::string&, std::unique_ptr<rocksdb::SequentialFile>*,
                                    const rocksdb::EnvOptions&) override;
  rocksdb::Status NewRandomAccessFile(const std::string&,
                                      std::unique_ptr<rocksdb::RandomAccessFile>*,
                                      const rocksdb::EnvOptions&) override;
  rocksdb::Status NewWritableFile(const std::string&, std::unique_ptr<rocksdb::WritableFile>*,
                                  const rocksdb::EnvOptions&) override;
  rocksdb::Status ReopenWritableFile(const std::string&, std::unique_ptr<rocksdb::WritableFile>*,
                                     const rocksdb::EnvOptions&) override;
  rocksdb::Status ReuseWritableFile(const std::string&, const std::string&,
                                    std::unique_ptr<rocksdb::WritableFile>*,
                                    const rocksdb::EnvOptions&) override;
  rocksdb::Status NewRandomRWFile(const std::string&, std::unique_ptr<rocksdb::RandomRWFile>*,
                                  const rocksdb::EnvOptions&) override;
  rocksdb::Status NewMemoryMappedFileBuffer(
      const std::string&, std::unique_ptr<rocksdb::MemoryMappedFileBuffer>*) override;
  rocksdb::Status NewDirectory(const std::string&, std::unique_ptr<rocksdb::Directory>*) override;

  // Names.
  rocksdb::Status FileExists(const std::string&) override;
  rocksdb::Status GetChildren(const std::string&, std::vector<std::string>*) override;
  rocksdb::Status GetChildrenFileAttributes(const std::string&,
                                            std::vector<FileAttributes>*) override;
  rocksdb::Status DeleteFile(const std::string&) override;
  rocksdb::Status Truncate(const std::string&, size_t) override;
  rocksdb::Status CreateDir(const std::string&) override;
  rocksdb::Status CreateDirIfMissing(const std::string&) override;
  rocksdb::Status DeleteDir(const std::string&) override;
  rocksdb::Status GetFileSize(const std::string&, uint64_t*) override;
  rocksdb::Status GetFileModificationTime(const std::string&, uint64_t*) override;
  rocksdb::Status RenameFile(const std::string&, const std::string&) override;
  rocksdb::Status LinkFile(const std::string&, const std::string&) override;
  rocksdb::Status NumFileLinks(const std::string&, uint64_t*) override;
  rocksdb::Status AreFilesSame(const std::string&, const std::string&, bool*) override;
  rocksdb::Status LockFile(const std::string&, rocksdb::FileLock**) override;
  rocksdb::Status UnlockFile(rocksdb::FileLock*) override;
  rocksdb::Status IsDirectory(const std::string&, bool*) override;
  rocksdb::Status GetAbsolutePath(const std::string&, std::string*) override;
  rocksdb::Status GetTestDirectory(std::string*) override;
  rocksdb::Status GetFreeSpace(const std::string&, uint64_t*) override;
  rocksdb::Status RegisterDbPaths(const std::vector<std::string>&) override;
  rocksdb::Status UnregisterDbPaths(const std::vector<std::string>&) override;

  // Threads.
  void Schedule(void (*)(void*), void*, Priority, void*, void (*)(void*)) override;
  int UnSchedule(void*, Priority) override;
  void StartThread(void (*)(void*), void*) override;
  void WaitForJoin() override;
  int ReserveThreads(int, Priority) override;
  int ReleaseThreads(int, Priority) override;
  unsigned int GetThreadPoolQueueLen(Priority) const override;
  void SetBackgroundThreads(int, Priority) override;
  int GetBackgroundThreads(Priority) override;
  void IncBackgroundThreadsIfNeeded(int, Priority) override;
  void LowerThreadPoolIOPriority(Priority) override;
  void LowerThreadPoolCPUPriority(Priority) override;
  rocksdb::Status LowerThreadPoolCPUPriority(Priority, rocksdb::CpuPriority) override;
  rocksdb::Status SetAllowNonOwnerAccess(bool) override;
  rocksdb::Status GetThreadList(std::vector<rocksdb::ThreadStatus>*) override;
  rocksdb::ThreadStatusUpdater* GetThreadStatusUpdater() const override;
  uint64_t GetThreadID() const override;
  rocksdb::Status LoadLibrary(const std::string&, const std::string&,
                              std::shared_ptr<rocksdb::DynamicLibrary>*) override;

  // Time and identity.
  uint64_t NowMicros() override;
  uint64_t NowNanos() override;
  uint64_t NowCPUNanos() override;
  void SleepForMicroseconds(int) override;
  rocksdb::Status GetCurrentTime(int64_t*) override;
  std::string TimeToString(uint64_t) override;
  rocksdb::Status GetHostName(char*, uint64_t) override;
  rocksdb::Status GetHostNameString(std::string*) override;
  std::string GenerateUniqueId() override;
  rocksdb::Status NewLogger(const std::string&, std::shared_ptr<rocksdb::Logger>*) override;

  // The calls of Optimize... and SanitizeEnvOptions stay Env's own: they compute
  // options from options.

 private:
  friend class Inside;

  std::unique_ptr<Job> Take(Job* job);
  void RunWhole(Job* job);
  void Advance(Job* job);
  void Finished(Priority pool);
  void Count();

  const uint32_t slot_;
  uint64_t generation_ = 0;  // of the slot's use
  bool stepped_ = false;
  bool chooses_ = false;
  std::vector<std::unique_ptr<Job>> jobs_;  // queued and suspended ones, oldest first
  int pools_[TOTAL] = {};
  simenv_counters counters_ = {};
  std::atomic<int> inside_{0};

  mutable std::mutex seldom_;  // guards what follows
  std::set<int> threads_;
  mutable std::map<std::string, int> refused_;
};

// Inside counts a call into the Env, while it lives: which threads call, and
// whether two do at once.
class Inside {
 public:
  explicit Inside(SimEnv* env);
  ~Inside() { env_->inside_.fetch_sub(1); }

 private:
  SimEnv* env_;
};

// Told makes a Status of what Go wrote into a failure.
rocksdb::Status Told(const std::string& name, const simenv_failure& failure);

// EnvOf returns the Env of a slot, made if it is missing; they are never freed.
SimEnv* EnvOf(uint32_t slot);

// Next is the definition of a symbol that ours takes the place of. Without one the
// process ends, and says so.
void* Next(const char* symbol, const char* version);

}  // namespace flinch

#endif
