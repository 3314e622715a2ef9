//go:build cgo && !norocksdb

// Names: directories, renames, links and locks.

#include <cstdlib>
#include <cstring>

#include "_cgo_export.h"
#include "env.h"

namespace flinch {

using rocksdb::Status;

namespace {

char* Chars(const std::string& name) { return const_cast<char*>(name.data()); }

// Lock is what the engine holds of a locked name.
class Lock : public rocksdb::FileLock {
 public:
  explicit Lock(const std::string& name) : name_(name) {}
  const std::string& name() const { return name_; }

 private:
  const std::string name_;
};

Status Stat(SimEnv* env, const std::string& name, simenv_info* info) {
  Inside inside(env);
  simenv_failure failure;
  const int64_t code = flinchStat(env->slot(), Chars(name), name.size(), info, &failure);
  return code < 0 ? Told(name, failure) : Status::OK();
}

Status MakeDir(SimEnv* env, const std::string& name, bool may_exist) {
  Inside inside(env);
  simenv_failure failure;
  const int64_t code = flinchMakeDir(env->slot(), Chars(name), name.size(), may_exist, &failure);
  return code < 0 ? Told(name, failure) : Status::OK();
}

Status Remove(SimEnv* env, const std::string& name) {
  Inside inside(env);
  simenv_failure failure;
  const int64_t code = flinchRemove(env->slot(), Chars(name), name.size(), &failure);
  return code < 0 ? Told(name, failure) : Status::OK();
}

bool EndsWith(const std::string& name, const std::string& end) {
  return name.size() >= end.size() && name.compare(name.size() - end.size(), end.size(), end) == 0;
}

// NotThere makes of a missing path the code that the callers of FileExists and
// GetChildren look for.
Status NotThere(const Status& status) {
  return status.IsPathNotFound() ? Status::NotFound(status.getState()) : status;
}

}  // namespace

Status SimEnv::FileExists(const std::string& name) {
  simenv_info info;
  const Status status = Stat(this, name, &info);
  // Asked for its folder of archived logs, the engine takes every answer but yes
  // and no for its own bug, and where it was built with assertions it ends the
  // process. No is what it makes of an error otherwise.
  if (!status.ok() && EndsWith(name, "/archive")) return Status::NotFound(name);
  return NotThere(status);
}

Status SimEnv::GetChildren(const std::string& dir, std::vector<std::string>* result) {
  result->clear();
  Inside inside(this);
  simenv_failure failure;
  char* names = nullptr;  // zero-terminated, one behind the other
  const int64_t size = flinchList(slot_, Chars(dir), dir.size(), &names, &failure);
  if (size < 0) return NotThere(Told(dir, failure));
  for (int64_t at = 0; at < size; at += result->back().size() + 1) {
    result->emplace_back(names + at);
  }
  free(names);
  return Status::OK();
}

Status SimEnv::GetChildrenFileAttributes(const std::string& dir,
                                         std::vector<FileAttributes>* result) {
  result->clear();
  std::vector<std::string> names;
  Status status = GetChildren(dir, &names);
  for (size_t i = 0; status.ok() && i < names.size(); i++) {
    FileAttributes attributes{names[i], 0};
    status = GetFileSize(dir + "/" + names[i], &attributes.size_bytes);
    if (status.ok()) result->push_back(attributes);
  }
  return status;
}

Status SimEnv::DeleteFile(const std::string& name) { return Remove(this, name); }

Status SimEnv::DeleteDir(const std::string& name) { return Remove(this, name); }

Status SimEnv::CreateDir(const std::string& name) { return MakeDir(this, name, false); }

Status SimEnv::CreateDirIfMissing(const std::string& name) { return MakeDir(this, name, true); }

Status SimEnv::GetFileSize(const std::string& name, uint64_t* size) {
  simenv_info info;
  const Status status = Stat(this, name, &info);
  if (status.ok()) *size = info.size;
  return status;
}

Status SimEnv::GetFileModificationTime(const std::string& name, uint64_t* seconds) {
  simenv_info info;
  const Status status = Stat(this, name, &info);
  if (status.ok()) *seconds = info.seconds;
  return status;
}

Status SimEnv::IsDirectory(const std::string& name, bool* is_dir) {
  simenv_info info;
  const Status status = Stat(this, name, &info);
  if (status.ok()) *is_dir = info.is_dir != 0;
  return status;
}

Status SimEnv::RenameFile(const std::string& from, const std::string& to) {
  Inside inside(this);
  simenv_failure failure;
  const int64_t code =
      flinchRename(slot_, Chars(from), from.size(), Chars(to), to.size(), &failure);
  return code < 0 ? Told(from + " to " + to, failure) : Status::OK();
}

Status SimEnv::LinkFile(const std::string& from, const std::string& to) {
  Inside inside(this);
  simenv_failure failure;
  const int64_t code = flinchLink(slot_, Chars(from), from.size(), Chars(to), to.size(), &failure);
  return code < 0 ? Told(from + " to " + to, failure) : Status::OK();
}

Status SimEnv::LockFile(const std::string& name, rocksdb::FileLock** lock) {
  *lock = nullptr;
  Inside inside(this);
  if (!flinchLock(slot_, Chars(name), name.size())) {
    return Status::IOError("lock " + name, "held already");
  }
  *lock = new Lock(name);
  return Status::OK();
}

Status SimEnv::UnlockFile(rocksdb::FileLock* held) {
  std::unique_ptr<Lock> lock(static_cast<Lock*>(held));
  Inside inside(this);
  flinchUnlock(slot_, Chars(lock->name()), lock->name().size());
  return Status::OK();
}

Status SimEnv::GetAbsolutePath(const std::string& path, std::string* absolute) {
  *absolute = path.empty() || path[0] != '/' ? "/" + path : path;
  return Status::OK();
}

// Same tells by their names: the engine asks it of directories only.
Status SimEnv::AreFilesSame(const std::string& first, const std::string& second, bool* same) {
  *same = first == second;
  return Status::OK();
}

Status SimEnv::Truncate(const std::string&, size_t) { return Refuse("Truncate"); }

Status SimEnv::NumFileLinks(const std::string&, uint64_t*) { return Refuse("NumFileLinks"); }

Status SimEnv::GetTestDirectory(std::string*) { return Refuse("GetTestDirectory"); }

Status SimEnv::GetFreeSpace(const std::string&, uint64_t*) { return Refuse("GetFreeSpace"); }

Status SimEnv::RegisterDbPaths(const std::vector<std::string>&) { return Status::OK(); }

Status SimEnv::UnregisterDbPaths(const std::vector<std::string>&) { return Status::OK(); }

}  // namespace flinch
