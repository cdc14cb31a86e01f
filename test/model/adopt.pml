/* adopt.pml: projects 1 and 2 adopt one unowned record from two machines. Each reads it at most 60 s before it writes
   its mark, reads the answer, and looks once more at the end of its run.

   Scene:     WAITS (the last look comes 120 s after the write: who saw it unowned has written by then; more than
              the protocol asks for).
   Rules:     MUT_NOREREAD, MUT_NOLAST, MUT_BLINDPLAN.
   Property:  P_*, at the end of this file. */

byte mark;                  /* whose the record is; 0 nobody's */
byte verdict[3];            /* 1 succeeded, 2 conflict */
byte between;               /* who has read and not yet written */
bool deaf, robbed;          /* it succeeded with another's mark before its eyes; it wrote over a mark that it could see */

#ifdef MUT_NOREREAD
#define OTHERS false
#else
#define OTHERS (mark != 0 && mark != r)
#endif
#ifdef MUT_NOLAST
#define LOST false
#else
#define LOST (mark != r)
#endif
/* The next plan finds its record by its own mark, or another owner's on it. */
#ifdef MUT_BLINDPLAN
#define NEXTSAYS(r) false
#else
#define NEXTSAYS(r) (mark != r)
#endif
#ifdef WAITS
#define LASTLOOK (between == 0)
#else
#define LASTLOOK true
#endif

proctype Run(byte r) {
  atomic {
    if :: OTHERS -> verdict[r] = 2; printf("STORY: project %d: it is another's, conflict\n", r); goto over
       :: else -> between++; if :: mark != 0 && mark != r -> robbed = 1 :: else fi; printf("STORY: project %d sees it unowned\n", r) fi };
  atomic { mark = r; between--; printf("STORY: project %d writes its mark\n", r) };
  atomic { if :: mark != r -> verdict[r] = 2; printf("STORY: project %d: the answer shows another mark, conflict\n", r); goto over :: else fi };
  atomic { LASTLOOK ->
    if :: LOST -> verdict[r] = 2; printf("STORY: project %d: the last look shows another mark, conflict\n", r)
       :: else -> verdict[r] = 1; if :: mark != r -> deaf = 1 :: else fi; printf("STORY: project %d succeeded\n", r) fi };
over: skip
}

init {
  atomic { run Run(1); run Run(2) };
  _nr_pr == 1;
  printf("STORY: at rest: the mark is project %d's\n", mark);
#ifdef P_ONE       /* one of them succeeds at the most */
  assert(!(verdict[1] == 1 && verdict[2] == 1));
#endif
#ifdef P_LOOK      /* nobody says succeeded whose mark is gone by its last look */
  assert(!deaf);
#endif
#ifdef P_NEXT      /* who has lost it says so, or its next plan does */
  assert(verdict[3 - mark] != 1 || NEXTSAYS(3 - mark));
#endif
#ifdef P_MARK      /* nobody writes over a mark that the re-read could show */
  assert(!robbed);
#endif
#ifdef P_SOME      /* somebody has it, and knows */
  assert(verdict[mark] == 1);
#endif
}
