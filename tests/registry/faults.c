/* Makes the Nth write, sync, rename, truncate or mkdir of a process fail, below Python and SQLite alike.
 * Preloaded by test_disk_refuses.py; armed from Python through ctypes. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <sys/types.h>
#include <unistd.h>

static int left = 0, reason = 0, hit = 0;

/* From now on the nth call fails with `error`; 0 disarms. */
void faults_arm(int nth, int error) { left = nth; reason = error; hit = 0; }
int faults_hit(void) { return hit; }

static int fails(void) {
    if (left <= 0 || --left != 0) return 0;
    hit = 1;
    errno = reason;
    return 1;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

ssize_t write(int fd, const void *data, size_t size) { return fd > 2 && fails() ? -1 : REAL(write)(fd, data, size); }
ssize_t pwrite64(int fd, const void *data, size_t size, off64_t at) { return fails() ? -1 : REAL(pwrite64)(fd, data, size, at); }
ssize_t pwrite(int fd, const void *data, size_t size, off_t at) { return fails() ? -1 : REAL(pwrite)(fd, data, size, at); }
int fsync(int fd) { return fails() ? -1 : REAL(fsync)(fd); }
int fdatasync(int fd) { return fails() ? -1 : REAL(fdatasync)(fd); }
int rename(const char *from, const char *to) { return fails() ? -1 : REAL(rename)(from, to); }
int ftruncate64(int fd, off64_t size) { return fails() ? -1 : REAL(ftruncate64)(fd, size); }
int mkdir(const char *path, mode_t mode) { return fails() ? -1 : REAL(mkdir)(path, mode); }
