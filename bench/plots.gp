# plots.gp DATA SVG: draws a plot of docs/PERFORMANCE.md. DATA, which the bench makes, is called as the plot and has a block for each
# line: its name, then x, p50 and p99 (or p90).
data = ARG1
name = system("basename " . data)
set terminal svg size 760,400 font "sans-serif,12" background "white"
set output ARG2
set grid
set key left top
set yrange [0:*]
set ylabel "ms"
set xlabel "instances"

if (name eq "echo") { set title "echo hi, as a whole process"; unset xlabel }
if (name eq "memory-size") { set title "Unique memory of an idle VM"; set xlabel "memory of the guest, MB"; set ylabel "MB" }
if (name eq "start-size") { set title "Start, or restore"; set xlabel "memory of the guest, MB" }
if (name eq "connections") { set title "Connections at once, until all are answered"; set xlabel "connections" }
if (name eq "image-size") { set title "An image from a registry"; set xlabel "size, MB" }
if (name eq "wakes") { set title "From connect to first byte, other instances asleep" }
if (name eq "memory-instances") { set title "Memory of a paused VM of 256 MB"; set ylabel "MB"; set logscale x }
if (name eq "connections" || name eq "wakes") { set logscale xy; set yrange [*:*]; set key outside right }

if (name eq "echo") {
    set style fill solid 0.7
    set boxwidth 0.6
    unset xtics
    set key outside right
    set offsets 0.7, 0.7, 30, 0
    plot for [i=0:*] data index i every ::0::0 using (i):2 with boxes lc i+1 title columnheader(1)
} else {
    plot for [i=0:*] data index i using 1:2 with linespoints pt 7 ps 0.6 lc i+1 title columnheader(1), \
         for [i=0:*] data index i using 1:3 with lines dt 2 lc i+1 notitle
}
