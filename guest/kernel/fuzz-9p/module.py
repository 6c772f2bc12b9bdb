import ctypes,os,sys
l=ctypes.CDLL(None,use_errno=True)
def c(*a):
    if l.syscall(*a)!=0: sys.exit(os.strerror(ctypes.get_errno())+" "+str(a))
c(176,b"9p",0)
f=os.open(sys.argv[1],os.O_RDONLY)
c(313,f,b"",0)
