//go:build cgo && !norocksdb

// Files: each is a number that Go knows.

#include "_cgo_export.h"
#include "env.h"

namespace flinch {

using rocksdb::Slice;
using rocksdb::Status;

namespace {

// Handle is an open file of Go's.
class Handle {
 public:
  Handle(SimEnv* env, const std::string& name, int64_t file)
      : env_(env), name_(name), file_(file) {}
  Handle(const Handle&) = delete;
  void operator=(const Handle&) = delete;
  ~Handle() { Close().PermitUncheckedError(); }

  Status Close() {
    if (file_ < 0) return Status::OK();
    const int64_t file = file_;
    file_ = -1;
    Inside inside(env_);
    simenv_failure failure;
    return flinchClose(env_->slot(), file, &failure) < 0 ? Told(name_, failure) : Status::OK();
  }

  Status Append(const Slice& data) {
    Inside inside(env_);
    simenv_failure failure;
    void* from = const_cast<char*>(data.data());
    return Answer(flinchAppend(env_->slot(), file_, from, data.size(), &failure), failure);
  }

  Status Sync() {
    Inside inside(env_);
    simenv_failure failure;
    return Answer(flinchSync(env_->slot(), file_, &failure), failure);
  }

  // Read goes on behind the last read, ReadAt reads from an offset. Both read all
  // that was asked for, up to the end of the file.
  Status Read(size_t n, Slice* result, char* scratch) {
    Inside inside(env_);
    simenv_failure failure;
    return Got(flinchRead(env_->slot(), file_, scratch, n, &failure), result, scratch, failure);
  }

  Status ReadAt(uint64_t offset, size_t n, Slice* result, char* scratch) {
    Inside inside(env_);
    simenv_failure failure;
    return Got(flinchReadAt(env_->slot(), file_, offset, scratch, n, &failure), result, scratch,
               failure);
  }

  Status Skip(uint64_t n) {
    Inside inside(env_);
    simenv_failure failure;
    return Answer(flinchSkip(env_->slot(), file_, n, &failure), failure);
  }

 private:
  Status Answer(int64_t code, const simenv_failure& failure) {
    return code < 0 ? Told(name_, failure) : Status::OK();
  }

  Status Got(int64_t n, Slice* result, char* scratch, const simenv_failure& failure) {
    *result = Slice(scratch, n < 0 ? 0 : static_cast<size_t>(n));
    return Answer(n, failure);
  }

  SimEnv* const env_;
  const std::string name_;
  int64_t file_;  // -1: closed
};

class Sequential : public rocksdb::SequentialFile {
 public:
  Sequential(SimEnv* env, const std::string& name, int64_t file)
      : env_(env), file_(env, name, file) {}
  Status Read(size_t n, Slice* result, char* scratch) override {
    return file_.Read(n, result, scratch);
  }
  Status Skip(uint64_t n) override { return file_.Skip(n); }
  Status InvalidateCache(size_t, size_t) override { return Status::OK(); }
  Status PositionedRead(uint64_t, size_t, Slice*, char*) override {
    return env_->Refuse("SequentialFile::PositionedRead");
  }

 private:
  SimEnv* const env_;
  Handle file_;
};

class RandomAccess : public rocksdb::RandomAccessFile {
 public:
  RandomAccess(SimEnv* env, const std::string& name, int64_t file) : file_(env, name, file) {}
  Status Read(uint64_t offset, size_t n, Slice* result, char* scratch) const override {
    return file_.ReadAt(offset, n, result, scratch);
  }
  Status Prefetch(uint64_t, size_t) override { return Status::NotSupported("Prefetch"); }
  Status InvalidateCache(size_t, size_t) override { return Status::OK(); }

 private:
  mutable Handle file_;
};

class Writable : public rocksdb::WritableFile {
 public:
  Writable(SimEnv* env, const std::string& name, int64_t file, uint64_t size)
      : env_(env), size_(size), table_(IsTable(name)), file_(env, name, file) {}

  Status Append(const Slice& data) override {
    if (table_) HandOver();
    const Status status = file_.Append(data);
    if (status.ok()) size_ += data.size();
    return status;
  }
  Status Append(const Slice& data, const rocksdb::DataVerificationInfo&) override {
    return Append(data);
  }
  Status PositionedAppend(const Slice&, uint64_t) override {
    return env_->Refuse("WritableFile::PositionedAppend");
  }
  Status PositionedAppend(const Slice&, uint64_t, const rocksdb::DataVerificationInfo&) override {
    return env_->Refuse("WritableFile::PositionedAppend");
  }
  Status Truncate(uint64_t size) override {
    return size == size_ ? Status::OK() : env_->Refuse("WritableFile::Truncate");
  }
  Status Close() override { return file_.Close(); }
  Status Flush() override { return Status::OK(); }  // nothing is buffered here
  Status Sync() override {
    if (table_) HandOver();
    return file_.Sync();
  }
  Status Fsync() override { return Sync(); }
  bool IsSyncThreadSafe() const override { return true; }
  uint64_t GetFileSize() override { return size_; }
  Status InvalidateCache(size_t, size_t) override { return Status::OK(); }
  Status RangeSync(uint64_t, uint64_t) override { return Sync(); }
  void PrepareWrite(size_t, size_t) override {}
  Status Allocate(uint64_t, uint64_t) override { return Status::OK(); }

 private:
  static bool IsTable(const std::string& name) {
    return name.size() > 4 && name.compare(name.size() - 4, 4, ".sst") == 0;
  }

  SimEnv* const env_;
  uint64_t size_;
  const bool table_;  // around other files, the engine may hold a lock that the foreground needs
  Handle file_;
};

class SyncedDirectory : public rocksdb::Directory {
 public:
  SyncedDirectory(SimEnv* env, const std::string& name) : env_(env), name_(name) {}
  Status Fsync() override {
    Inside inside(env_);
    simenv_failure failure;
    const int64_t code =
        flinchSyncDir(env_->slot(), const_cast<char*>(name_.data()), name_.size(), &failure);
    return code < 0 ? Told(name_, failure) : Status::OK();
  }
  Status Close() override { return Status::OK(); }

 private:
  SimEnv* const env_;
  const std::string name_;
};

int64_t Open(SimEnv* env, const std::string& name, int how, simenv_failure* failure) {
  Inside inside(env);
  return flinchOpen(env->slot(), const_cast<char*>(name.data()), name.size(), how, failure);
}

}  // namespace

Status SimEnv::NewSequentialFile(const std::string& name,
                                 std::unique_ptr<rocksdb::SequentialFile>* result,
                                 const rocksdb::EnvOptions&) {
  simenv_failure failure;
  const int64_t file = Open(this, name, SIMENV_READ, &failure);
  if (file < 0) return Told(name, failure);
  result->reset(new Sequential(this, name, file));
  return Status::OK();
}

Status SimEnv::NewRandomAccessFile(const std::string& name,
                                   std::unique_ptr<rocksdb::RandomAccessFile>* result,
                                   const rocksdb::EnvOptions&) {
  simenv_failure failure;
  const int64_t file = Open(this, name, SIMENV_READ, &failure);
  if (file < 0) return Told(name, failure);
  result->reset(new RandomAccess(this, name, file));
  return Status::OK();
}

Status SimEnv::NewWritableFile(const std::string& name,
                               std::unique_ptr<rocksdb::WritableFile>* result,
                               const rocksdb::EnvOptions&) {
  simenv_failure failure;
  const int64_t file = Open(this, name, SIMENV_CREATE, &failure);
  if (file < 0) return Told(name, failure);
  result->reset(new Writable(this, name, file, 0));
  return Status::OK();
}

Status SimEnv::ReopenWritableFile(const std::string& name,
                                  std::unique_ptr<rocksdb::WritableFile>* result,
                                  const rocksdb::EnvOptions&) {
  simenv_failure failure;
  const int64_t file = Open(this, name, SIMENV_APPEND, &failure);
  if (file < 0) return Told(name, failure);
  uint64_t size = 0;
  const Status status = GetFileSize(name, &size);
  result->reset(new Writable(this, name, file, size));
  if (!status.ok()) result->reset();
  return status;
}

Status SimEnv::NewDirectory(const std::string& name, std::unique_ptr<rocksdb::Directory>* result) {
  bool is_dir = false;
  const Status status = IsDirectory(name, &is_dir);
  if (!status.ok()) return status;
  if (!is_dir) return Status::IOError(name, "not a directory");
  result->reset(new SyncedDirectory(this, name));
  return Status::OK();
}

Status SimEnv::ReuseWritableFile(const std::string&, const std::string&,
                                 std::unique_ptr<rocksdb::WritableFile>*,
                                 const rocksdb::EnvOptions&) {
  return Refuse("ReuseWritableFile");
}

Status SimEnv::NewRandomRWFile(const std::string&, std::unique_ptr<rocksdb::RandomRWFile>*,
                               const rocksdb::EnvOptions&) {
  return Refuse("NewRandomRWFile");
}

Status SimEnv::NewMemoryMappedFileBuffer(const std::string&,
                                         std::unique_ptr<rocksdb::MemoryMappedFileBuffer>*) {
  return Refuse("NewMemoryMappedFileBuffer");
}

}  // namespace flinch
