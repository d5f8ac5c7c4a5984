#!/bin/bash
# Puts the parts of slurm-array.sh together. Submitted under the name of its job, it waits for it:
#   sbatch --dependency=singleton --job-name=faultline-sweep slurm-merge.sh
#SBATCH --job-name=faultline-sweep
#SBATCH --ntasks=1

set -euo pipefail

faultline=${FAULTLINE:-npx --no-install faultline}
parts=${FAULTLINE_PARTS:-$SLURM_SUBMIT_DIR}

cd "$SLURM_SUBMIT_DIR"
$faultline sweep merge "$parts"/part-*.parquet -o "$parts/sweep.parquet"
