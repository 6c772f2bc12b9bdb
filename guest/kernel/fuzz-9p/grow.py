import os,time
f=open("/workspace/grow","rb",buffering=0); print(f.read(100)); open("/workspace/ready","w").close()
for i in range(100):
    if os.path.exists("/workspace/go"): break
    time.sleep(.05)
print(os.fstat(f.fileno()).st_size, f.read(100)); os.unlink("/workspace/ready"); os.unlink("/workspace/go")
