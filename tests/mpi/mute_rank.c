/* mute_rank.c - a rank that joins MPI and never says a word */
#include <mpi.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    MPI_Init(&argc, &argv);
    for (;;)
        pause();
}
