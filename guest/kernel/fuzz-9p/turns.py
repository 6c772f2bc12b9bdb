import os,subprocess,sys,time,statistics as S
def sh(*c): subprocess.run(c,check=True,stdout=subprocess.DEVNULL)
def mount(o):
    sh("umount","/workspace"); sh("mount","-t","9p","-o","trans=virtio,version=9p2000.L,msize=507904,"+o,"share","/workspace")
def status(d):
    t=[]
    os.sync(); open("/proc/sys/vm/drop_caches","w").write("3")
    for _ in range(2):
        b=time.monotonic(); sh("git","-C",d+"/repository","status","--porcelain"); t.append(time.monotonic()-b)
    return t
os.chdir("/")
if not os.path.exists("/root/repository"):
    for i in range(100):
        os.makedirs(f"/root/repository/d{i}")
        for j in range(100): open(f"/root/repository/d{i}/f{j}","w").write(f"{i} {j}\n")
    r="/root/repository"
    g=["git","-C",r,"-c","user.name=a","-c","user.email=a@localhost"]
    sh(*g,"init","-q"); sh(*g,"add","."); sh(*g,"commit","-qm","all"); sh(*g,"status")
modes=sys.argv[2:]; R={m:[] for m in modes+["own"]}
for i in range(int(sys.argv[1])):
    for m in modes:
        mount(m); R[m].append(status("/workspace"))
    R["own"].append(status("/root"))
for m,v in R.items():
    print(m,"cold",sorted(round(a,2) for a,_ in v),"warm",sorted(round(b,2) for _,b in v), "medians %.2f %.2f"%(S.median(a for a,_ in v),S.median(b for _,b in v)))
