import os,random,json,time,stat,sys
def view(root):
    out={}
    for d,ds,fs in os.walk(root):
        for n in ds+fs:
            p=os.path.join(d,n); st=os.lstat(p); r=os.path.relpath(p,root)
            e=[st.st_mode,st.st_nlink if not stat.S_ISDIR(st.st_mode) else 0,st.st_size if not stat.S_ISDIR(st.st_mode) else 0,st.st_mtime_ns]
            if stat.S_ISREG(st.st_mode): e.append(open(p,"rb").read().decode())
            elif stat.S_ISLNK(st.st_mode): e.append(os.readlink(p))
            out[r]=e
    return out
def edit(root,rng,tag,keep):
    dirs=[d for d,_,_ in os.walk(root)]; files=[os.path.join(d,f) for d,_,fs in os.walk(root) for f in fs]
    reg=[f for f in files if not os.path.islink(f)]
    op=rng.choice("new new write write append trunc chmod mv mv rm rmdir mkdir mkdir link symlink swap replace utime hold growheld".split())
    d=rng.choice(dirs); n=os.path.join(d,rng.choice("abcdefgh"))
    try:
        if op=="new": open(n,"w").write(tag*rng.randint(1,5))
        elif op=="write" and reg: open(rng.choice(reg),"w").write(tag*rng.randint(1,5))
        elif op=="append" and reg: open(rng.choice(reg),"a").write(tag)
        elif op=="trunc" and reg: os.truncate(rng.choice(reg),rng.randint(0,6000))
        elif op=="chmod" and files: os.chmod(rng.choice(reg or dirs[1:]),rng.choice([0o600,0o644,0o755]))
        elif op=="mv" and files+dirs[1:]: os.rename(rng.choice(files+dirs[1:]),n)
        elif op=="rm" and files: os.unlink(rng.choice(files))
        elif op=="rmdir":
            import shutil
            if len(dirs)>1: shutil.rmtree(rng.choice(dirs[1:]))
        elif op=="mkdir" and len(dirs)<25: os.mkdir(n)
        elif op=="link" and reg: os.link(rng.choice(reg),n)
        elif op=="symlink": os.symlink(rng.choice("abc"),n)
        elif op=="swap" and len(dirs)>2:
            a,b=rng.sample(dirs[1:],2); t=root+"/swap"; os.rename(a,t); os.rename(b,a); os.rename(t,b)
        elif op=="replace" and reg:
            f=rng.choice(reg); open(f+".tmp","w").write(tag+"!"); os.rename(f+".tmp",f)
        elif op=="utime" and reg: os.utime(rng.choice(reg),ns=(10**18,10**18+rng.randint(0,10**12)))
        elif op=="hold" and reg:
            if len(keep)>5: keep.pop(0).close()
            f=open(rng.choice(reg),"r+b",buffering=0); f.read(3); keep.append(f)
        elif op=="growheld" and keep:
            f=rng.choice(keep); f.seek(0,2); f.write(tag.encode()); 
    except OSError as e: return op+" "+str(e)
    return op
