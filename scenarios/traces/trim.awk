# Keeps what misses in a TLB of 16 entries: an access is left out when its page is among the last 16
# different ones. spmv.trace was recorded with valgrind 3.19 on x86-64 and trimmed so:
#   cc -O2 -o spmv spmv.c
#   valgrind --tool=lackey --trace-mem=yes --log-file=spmv.full ./spmv
#   awk -f trim.awk spmv.full > spmv.trace
BEGIN { FS = "[ ,]+"; size = 16 }
/^ [LSM] / {
  page = substr($3, 1, length($3) - 3)
  for (i = 0; i < size && tlb[i] != page; i++);
  isHit = i < size
  if (i == size) i = size - 1
  for (; i > 0; i--) tlb[i] = tlb[i - 1]
  tlb[0] = page
  if (!isHit) print
}
