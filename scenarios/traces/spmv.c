/* A sparse matrix times a vector, the program behind spmv.trace: rows of eight entries whose
 * columns are drawn so that low ones are frequent, as in a graph with hubs. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { NR_ROWS = 8192, PER_ROW = 8 };

static uint32_t state = 42;

static uint32_t below(uint32_t n) {
  state = state * 1664525u + 1013904223u;
  return (uint32_t)(((uint64_t)state * n) >> 32);
}

int main(void) {
  double *values = calloc(NR_ROWS * PER_ROW, sizeof *values);
  uint32_t *columns = calloc(NR_ROWS * PER_ROW, sizeof *columns);
  double *x = calloc(NR_ROWS, sizeof *x);
  double *y = calloc(NR_ROWS, sizeof *y);
  if (values == NULL || columns == NULL || x == NULL || y == NULL) return 1;
  for (int i = 0; i < NR_ROWS * PER_ROW; i++) {
    values[i] = 1.0;
    columns[i] = below(below(NR_ROWS) + 1);
  }
  for (int i = 0; i < NR_ROWS; i++) x[i] = i;
  for (int row = 0; row < NR_ROWS; row++) {
    double sum = 0.0;
    for (int k = row * PER_ROW; k < (row + 1) * PER_ROW; k++) sum += values[k] * x[columns[k]];
    y[row] = sum;
  }
  printf("%g\n", y[NR_ROWS / 2]);
  return 0;
}
