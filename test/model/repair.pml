/* repair.pml: records 1 and 2 hold one mark. Two tidiers on two machines, repairs or runs that take their own back,
   make one of them at the same time: what points at the loser moves, the loser is deleted in a batch with halt that
   reads the one that stays, and the mark is looked up again.

   Scene:     LINKED (something points at 2 from the start), LINKER (somebody links to one of them, at any time),
              DELETER (somebody deletes the lower one).
   Rules:     MUT_* takes one away, see the table.
   Property:  P_*, at the end of this file. */

bool there[3], linked[3];
byte verdict[2];            /* 1 done, 2 conflict, 3 failed: nothing is left */
bool cut, vain;             /* a link that the tidier could see was lost; a batch deleted while the other was gone */
bool emptied[2];            /* its deletion was of the last one */
bool seen[3];               /* what pointed at a record when a tidier checked it */

/* The lowest id stays, always. */
#ifdef MUT_POINTEDSTAYS
#define STAYS (linked[2] && !linked[1] -> 2 : 1)
#else
#define STAYS 1
#endif
#ifdef MUT_NOMOVE
#define MOVES false
#else
#define MOVES linked[drop]
#endif
#ifdef MUT_NOCHECK
#define USED false
#else
#define USED linked[drop]
#endif
#ifdef MUT_NOHALT
#define HALTS false
#else
#define HALTS !there[keep]
#endif
#ifdef MUT_NOAFTER
#define NOTHING false
#else
#define NOTHING (!there[1] && !there[2])
#endif

proctype Tidier(byte r) {
  byte keep, drop;
  atomic {
    if :: !(there[1] && there[2]) -> verdict[r] = 1; goto over :: else fi;
    keep = STAYS; drop = 3 - keep;
    printf("STORY: tidier %d sees two, will keep %d\n", r, keep) };
  atomic { if :: MOVES -> linked[drop] = 0; linked[keep] = there[keep]; printf("STORY: tidier %d moves what points at %d to %d\n", r, drop, keep) :: else fi };
  atomic {
    if
    :: !(there[1] && there[2]) -> verdict[r] = 2; printf("STORY: tidier %d: it is not double any more, conflict\n", r); goto over
    :: USED -> verdict[r] = 2; printf("STORY: tidier %d: %d is used, conflict\n", r, drop); goto over
    :: else -> seen[drop] = linked[drop]; printf("STORY: tidier %d sends the deletion of %d\n", r, drop)
    fi };
  atomic { if :: HALTS -> verdict[r] = 2; printf("STORY: tidier %d: its batch halts, %d is gone\n", r, keep); goto after :: else -> vain = vain || !there[keep] fi };
  atomic { if :: there[drop] && linked[drop] && seen[drop] -> cut = 1 :: else fi; emptied[r] = there[drop] && !there[keep]; there[drop] = 0; linked[drop] = 0; verdict[r] = 1; printf("STORY: the portal deletes %d\n", drop) };
after:
  atomic { if :: NOTHING -> verdict[r] = 3; printf("STORY: tidier %d: nothing is left, failed\n", r) :: else fi };
over: skip
}

#ifdef LINKER
proctype Linker() { atomic { if :: true :: there[1] -> linked[1] = 1; printf("STORY: somebody links to 1\n") :: there[2] -> linked[2] = 1; printf("STORY: somebody links to 2\n") fi } }
#endif
#ifdef DELETER
proctype Deleter() { atomic { if :: true :: there[1] -> there[1] = 0; linked[1] = 0; printf("STORY: somebody deletes 1\n") fi } }
#endif

init {
  atomic { there[1] = 1; there[2] = 1;
#ifdef LINKED
    linked[2] = 1;
#endif
    run Tidier(0); run Tidier(1);
#ifdef LINKER
    run Linker();
#endif
#ifdef DELETER
    run Deleter();
#endif
  };
  _nr_pr == 1;
  printf("STORY: at rest: 1 is there %d, 2 is there %d\n", there[1], there[2]);
#ifdef P_KEPT      /* one record stays */
  assert(there[1] || there[2]);
#endif
#ifdef P_ONE       /* one record stays, or a tidier says why there are more */
  assert(!(there[1] && there[2]) || verdict[0] == 2 || verdict[1] == 2);
#endif
#ifdef P_TOLD      /* who has deleted the last one says so */
  assert((!emptied[0] || verdict[0] == 3) && (!emptied[1] || verdict[1] == 3));
#endif
#ifdef P_DONE      /* one record stays, and what pointed at the other one points at it */
  assert(there[1] && !there[2] && linked[1]);
#endif
#ifdef P_LAST      /* a batch deletes only while the one that stays is there */
  assert(!vain);
#endif
#ifdef P_LINK      /* no link is lost that was there at the check */
  assert(!cut);
#endif
}
