/* mpi_link.c - the same conversation over MPI, and how much an idle rank
 * costs; run by mpiexec -n 3
 *
 * Exit code 0 if all ranks agree.
 */
#include <mpi.h>
#include <stdio.h>
#include <sys/resource.h>

#include "core/clock.h"
#include "core/units.h"
#include "tests/unit/link/script.h"

#define IDLE_S       3.0
#define IDLE_MAX_PCT 2.0

static double cpu_s(void)
{
    struct rusage use;

    getrusage(RUSAGE_SELF, &use);
    return (double)use.ru_utime.tv_sec + (double)use.ru_stime.tv_sec +
           1e-6 * (double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec);
}

/* Processor time of a rank that waits for a frame, in percent of a core. */
static double idle_pct(struct link *link)
{
    int64_t start = clock_mono_ns();
    double before = cpu_s();
    struct buf frame = { 0 };
    uint32_t peer;

    while (NS_TO_S(clock_mono_ns() - start) < IDLE_S)
        link_receive(link, NS_PER_S / 2, &peer, &frame, NULL);
    buf_free(&frame);
    return 100 * (cpu_s() - before) / NS_TO_S(clock_mono_ns() - start);
}

int main(int argc, char **argv)
{
    int rank, wrong = 0, all = 0;
    struct link *link;
    double pct;

    MPI_Init(&argc, &argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    if (link_mpi_open(&link, NULL))
        MPI_Abort(MPI_COMM_WORLD, 2);
    wrong = rank ? script_worker(link) : script_coordinator(link);
    if (wrong)
        fprintf(stderr, "rank %d: wrong at step %d\n", rank, wrong);
    MPI_Barrier(MPI_COMM_WORLD);
    pct = idle_pct(link);
    if (pct > IDLE_MAX_PCT) {
        fprintf(stderr, "rank %d: %.2f %% of a core while idle\n", rank, pct);
        wrong = 1;
    }
    printf("rank %d: idle at %.2f %% of a core\n", rank, pct);
    MPI_Allreduce(&wrong, &all, 1, MPI_INT, MPI_MAX, MPI_COMM_WORLD);
    link_close(link);
    MPI_Finalize();
    return all != 0;
}
