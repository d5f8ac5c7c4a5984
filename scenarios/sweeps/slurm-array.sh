#!/bin/bash
# One part of a sweep for each task of a Slurm job array:
#   sbatch --array=1-16 slurm-array.sh SCENARIO --over PATH=V1,V2 …
# The tasks count from 1 without gaps. Parts go to $FAULTLINE_PARTS, or to the folder of submission.
#SBATCH --job-name=faultline-sweep
#SBATCH --ntasks=1
#SBATCH --cpus-per-task=1

set -euo pipefail

faultline=${FAULTLINE:-npx --no-install faultline}
parts=${FAULTLINE_PARTS:-$SLURM_SUBMIT_DIR}

cd "$SLURM_SUBMIT_DIR"
$faultline sweep "$@" \
  --shard "$SLURM_ARRAY_TASK_ID/$SLURM_ARRAY_TASK_COUNT" \
  --jobs "${SLURM_CPUS_PER_TASK:-1}" \
  -o "$parts/part-$SLURM_ARRAY_TASK_ID.parquet"
