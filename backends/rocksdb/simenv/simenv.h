//go:build cgo && !norocksdb

// What Go and the C++ of this package know of each other.
#ifndef FLINCH_SIMENV_H
#define FLINCH_SIMENV_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Kinds of failure, as far as the engine tells them apart.
enum { SIMENV_IO = 1, SIMENV_MISSING = 2, SIMENV_UNSUPPORTED = 3 };

// How flinchOpen opens a file.
enum { SIMENV_READ = 0, SIMENV_CREATE = 1, SIMENV_APPEND = 2 };

enum { SIMENV_TEXT = 240, SIMENV_SESSION = 20, SIMENV_UNIQUE = 36 };

// simenv_failure is filled by Go when a call fails.
typedef struct {
  int32_t kind;
  uint32_t size;
  char text[SIMENV_TEXT];
} simenv_failure;

typedef struct {
  int64_t size;
  int64_t seconds;  // of the last change, since the virtual epoch
  int32_t is_dir;
} simenv_info;

// simenv_counters are written by C++ and read by Go, atomically.
typedef struct {
  int64_t backlog;      // jobs queued or suspended
  int64_t suspended;    // jobs in their middle
  int64_t flushes;      // jobs finished, by their pool
  int64_t compactions;
  int64_t threads;      // threads that ever called into the Env
  int64_t overlaps;     // calls into the Env while another one was going on
} simenv_counters;

typedef struct simenv simenv;

// simenv_open returns the Env of a slot, as new.
simenv *simenv_open(uint32_t slot, int stepped, int chooses);
simenv_counters *simenv_count(simenv *env);
// simenv_step lets one job go on; 0 if there is none.
int simenv_step(simenv *env, int flushes_only);
void simenv_drain(simenv *env);
// simenv_enter makes waits of this thread drain env's jobs (NULL: no longer),
// and returns what was set before.
simenv *simenv_enter(simenv *env);
// simenv_refused writes "method count" lines, and returns the length of all.
size_t simenv_refused(simenv *env, char *to, size_t size);
const char *simenv_scheme(void);
// simenv_version writes major, minor and patch of the headers and of the library.
void simenv_version(int32_t *headers, int32_t *library);

// How values lie that may have expired: alone, behind a flag of one byte, or as
// elements with commas between them.
enum { SIMENV_PLAIN = 0, SIMENV_MAP = 1, SIMENV_LIST = 2 };

// simenv_expiring says which values of a column family have expired.
typedef struct {
  int32_t layout;
  uint32_t element_bytes;  // of lists; 0: each element stands behind its length
  int64_t lifetime, now;   // milliseconds
} simenv_expiring;

// simenv_expiry_open makes the expiry of a slot forget all families.
void simenv_expiry_open(uint32_t slot);
// simenv_expiry_set is for the compactions that begin from now on.
void simenv_expiry_set(uint32_t slot, uint32_t family, const simenv_expiring *of);
// simenv_expiry_dropped counts values that compactions left out.
int64_t simenv_expiry_dropped(uint32_t slot);
const char *simenv_expiry_scheme(void);

#ifdef __cplusplus
}
#endif

#endif
