from fuzz_common import *
W="/workspace/fz"; rng=random.Random(int(sys.argv[1])); keep=[]; T=int(sys.argv[2])
mode=sys.argv[3]
for t in range(T):
    b=time.time()
    while not os.path.exists(f"/workspace/t/host{t}"):
        if time.time()-b>20: sys.exit("no host")
        time.sleep(.002)
    if mode=="r": keep=[]
    v=view(W)
    for f in keep:
        try: os.fstat(f.fileno())
        except OSError: pass
    own=[]
    if mode!="r":
        for _ in range(rng.randint(0,4)): own.append(edit(W,rng,f"g{t}.",keep if mode=="h" else []))
    v2=view(W)
    os.sync() if mode=="h" else None
    with open(f"/workspace/t/.g{t}","w") as f: json.dump([v,v2,own],f)
    os.rename(f"/workspace/t/.g{t}",f"/workspace/t/guest{t}")
