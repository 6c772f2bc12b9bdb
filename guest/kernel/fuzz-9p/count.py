import os,subprocess,sys,time
T="/sys/kernel/tracing"
if not os.path.exists(T+"/events"): subprocess.run(["mount","-t","tracefs","t",T])
names={8:"statfs",12:"lopen",14:"lcreate",24:"getattr",26:"setattr",22:"readlink",30:"xattrwalk",40:"readdir",50:"fsync",104:"attach",110:"walk",116:"read",118:"write",120:"clunk",122:"remove",108:"flush",74:"renameat",76:"unlinkat"}
def w(p,s):
    with open(p,"w") as f: f.write(s)
e=T+"/events/9p/9p_client_req/"
def count(label,cmd,drop):
    os.sync()
    if drop: w("/proc/sys/vm/drop_caches","3")
    w(e+"trigger","hist:keys=type")
    c0=os.times(); b=time.monotonic(); s0=open("/proc/stat").readline().split()
    subprocess.run(cmd,check=True,stdout=subprocess.DEVNULL)
    t=time.monotonic()-b; s1=open("/proc/stat").readline().split()
    h=open(e+"hist").read()
    w(e+"trigger","!hist:keys=type")
    import re
    got={names.get(int(m[1]),m[1]):int(m[2]) for m in re.finditer(r"type:\s*(\d+).*hitcount:\s*(\d+)",h.replace("\n","\n"))}
    print(label,"%.2fs"%t,"stat user/nice/sys/idle",[int(b)-int(a) for a,b in zip(s0[1:8],s1[1:8])],sum(got.values()),got)
    if not got: print(h[:1500])
d=sys.argv[1]
g=["git","-C",d,"status","--porcelain"]
count("cold",g,True); count("warm",g,False)
for x in sys.argv[2:]: 
    opts=x.split(",")
    gg=["git","-C",d]+[y for o in opts for y in("-c",o)]+["status","--porcelain"]
    count("cold "+x,gg,True); count("warm "+x,gg,False)
