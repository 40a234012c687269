#pragma once
// Calls of Linux that Swift cannot make itself, since they take any number of arguments.
#ifdef __linux__
#include <errno.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

// Gives up all capabilities of the calling thread for good (capset(2)). 0, or the errno.
static inline int linux_drop_capabilities(void) {
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct data[2] = {{0, 0, 0}, {0, 0, 0}};
  return syscall(SYS_capset, &header, data) == 0 ? 0 : errno;
}

// Neither this process nor any that it starts gains privileges by execve(2) (PR_SET_NO_NEW_PRIVS). 0, or the errno.
static inline int linux_forbid_new_privileges(void) {
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 ? 0 : errno;
}
#endif
