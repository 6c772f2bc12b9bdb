# Runs as root in a guest whose /workspace is read-only. Each attempt that changes something prints a line with BREACH.
import ctypes, errno, os, stat

libc = ctypes.CDLL(None, use_errno=True)
MS_REMOUNT = 32


def refused(what, call, *args, **more):
    try:
        call(*args, **more)
        print("BREACH", what, flush=True)
    except OSError as e:
        if e.errno != errno.EROFS:
            print("BREACH", what, e, flush=True)


def change(place, how):
    os.chdir(place)
    refused(how + "open", os.open, "file", os.O_WRONLY)
    refused(how + "truncate", os.truncate, "file", 0)
    refused(how + "create", os.open, "new", os.O_CREAT | os.O_WRONLY)
    refused(how + "mkdir", os.mkdir, "new")
    refused(how + "unlink", os.unlink, "file")
    refused(how + "rename", os.rename, "file", "other")
    refused(how + "link", os.link, "file", "other")
    refused(how + "symlink", os.symlink, "file", "other")
    refused(how + "mknod", os.mknod, "new", stat.S_IFREG | 0o600)
    refused(how + "chmod", os.chmod, "file", 0o777)
    refused(how + "chown", os.chown, "file", 0, 0)
    refused(how + "utime", os.utime, "file", (1, 1))
    refused(how + "setxattr", os.setxattr, "file", "user.x", b"1")
    os.chdir("/")


change("/workspace", "as it is: ")
if libc.mount(None, b"/workspace", None, MS_REMOUNT, b"") != 0:
    print("the guest's kernel does not remount")
change("/workspace", "remounted: ")
if libc.umount2(b"/workspace", 0) != 0:
    print("BREACH cannot be unmounted", os.strerror(ctypes.get_errno()))
if libc.mount(b"share", b"/mnt", b"9p", 0, b"trans=virtio,version=9p2000.L,cache=mmap") != 0:
    print("BREACH cannot be mounted anew", os.strerror(ctypes.get_errno()))
change("/mnt", "mounted anew: ")
print(open("/mnt/file").read())
