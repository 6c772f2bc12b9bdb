import sys; sys.path.insert(0,"/tmp/ninep")
from fuzz_common import *
import shutil
R="/tmp/ninep/ws"; W=R+"/fz"; rng=random.Random(int(sys.argv[1])+1); T=int(sys.argv[2])
shutil.rmtree(W,ignore_errors=True); shutil.rmtree(R+"/t",ignore_errors=True); os.mkdir(W); os.mkdir(R+"/t")
bad=0
def diff(a,b):
    return [(k,a.get(k),b.get(k)) for k in sorted(set(a)|set(b)) if a.get(k)!=b.get(k)]
for t in range(T):
    did=[edit(W,rng,f"h{t}.",[]) for _ in range(rng.randint(0,4))]
    h=json.loads(json.dumps(view(W)))
    open(f"{R}/t/host{t}","w").close()
    b=time.time()
    while not os.path.exists(f"{R}/t/guest{t}"):
        if time.time()-b>30: sys.exit("no guest")
        time.sleep(.002)
    v,v2,own=json.load(open(f"{R}/t/guest{t}"))
    d=diff(h,v)
    if d: bad+=1; print(t,"HOST EDIT NOT SEEN",did,d[:3])
    h2=json.loads(json.dumps(view(W))); d=diff(h2,v2)
    if d: bad+=1; print(t,"OWN EDIT DIFFERS",own,d[:3])
    if bad>6: break
print("turns",t+1,"bad",bad)
