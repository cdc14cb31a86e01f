/* resume.pml: a plan of three creates: the parent 0, its child 1, and 2, which stands alone. A run tries them in
   order, may be refused once, and may be killed; "resume" goes on from its journal; a second resume from that of the
   first. Meanwhile somebody may edit item 2 in the manifests.

   Scene:     DEATHS (1), REFUSALS of the portal (0), EDIT.
   Rules:     MUT_* takes one away, see the table.
   Property:  P_*, at the end of this file. */

#ifndef DEATHS
#define DEATHS 1
#endif
#ifndef REFUSALS
#define REFUSALS 0
#endif
#define ITEMS   3
#define RESUMES 2

/* What the journal knows of an item. */
#define UNTRIED 0
#define INTENT  1
#define DONE    2
#define REFUSED 3
#define BLOCKED 4
#define EDITED  5

byte journal[ITEMS];
byte records[ITEMS], pending[ITEMS];
bool edited, wrong, early;      /* an edited item was sent; a child was sent before its parent was there */
byte deaths = DEATHS, refusals = REFUSALS;
byte reported[ITEMS];           /* by the last run, in its report */

#ifdef MUT_LATE
#define SETTLED true
#else
#define SETTLED (pending[i] == 0)
#endif
#ifdef MUT_NOLOOK
#define FOUND false
#else
#define FOUND (records[i] > 0)
#endif
#ifdef MUT_SKIPBLOCKED
#define TRIES(s) (s == UNTRIED || s == REFUSED)
#else
#define TRIES(s) (s == UNTRIED || s == REFUSED || s == BLOCKED)
#endif
#ifdef MUT_NOEDITS
#define REFUSEDIT false
#else
#define REFUSEDIT (edited && i == 2)
#endif
#ifdef MUT_NODEPS
#define WAITSFOR false
#else
#define WAITSFOR (i == 1 && journal[0] != DONE)
#endif
#ifdef MUT_REDO
#define KNOWN false
#else
#define KNOWN (journal[i] == DONE)
#endif

proctype Run() {
  byte i, turn;
again:
  do
  :: atomic { i == ITEMS -> break }
  :: atomic { i < ITEMS && KNOWN -> i++ }
  :: atomic { i < ITEMS && !KNOWN && journal[i] == INTENT && SETTLED ->   /* what was in flight is settled first */
       if :: FOUND -> journal[i] = DONE; printf("STORY: item %d is found\n", i) :: else -> journal[i] = UNTRIED; printf("STORY: item %d was not made\n", i) fi }
  :: atomic { i < ITEMS && !KNOWN && journal[i] != INTENT && !(TRIES(journal[i]) || journal[i] == DONE) -> i++ }
  :: atomic { i < ITEMS && !KNOWN && (TRIES(journal[i]) || journal[i] == DONE) && turn > 0 && REFUSEDIT -> journal[i] = EDITED; printf("STORY: item %d was edited since: refused\n", i); i++ }
  :: atomic { i < ITEMS && !KNOWN && (TRIES(journal[i]) || journal[i] == DONE) && !(turn > 0 && REFUSEDIT) && WAITSFOR -> journal[i] = BLOCKED; printf("STORY: item %d is blocked\n", i); i++ }
  :: atomic { i < ITEMS && !KNOWN && (TRIES(journal[i]) || journal[i] == DONE) && !(turn > 0 && REFUSEDIT) && !WAITSFOR ->
       journal[i] = INTENT; pending[i]++; if :: edited && i == 2 && turn > 0 -> wrong = 1 :: else fi;
       if :: i == 1 && records[0] == 0 -> early = 1 :: else fi;
       printf("STORY: item %d is sent\n", i) };
     if
     :: atomic { pending[i] == 0 && records[i] > 0 -> journal[i] = DONE; printf("STORY: item %d succeeded\n", i); i++ }
     :: atomic { pending[i] > 0 && refusals > 0 -> refusals--; pending[i]--; journal[i] = REFUSED; printf("STORY: item %d is refused\n", i); i++ }
     :: atomic { deaths > 0 && turn < RESUMES -> deaths--; printf("STORY: the run is killed\n"); break }
     fi
  :: atomic { i < ITEMS && deaths > 0 && turn < RESUMES -> deaths--; printf("STORY: the run is killed\n"); break }
  od;
  atomic { if :: turn < RESUMES -> turn++; i = 0; printf("STORY: resume\n"); goto again :: else fi };
  atomic { i = 0; do :: i < ITEMS -> reported[i] = journal[i]; i++ :: else -> break od; i = 0 }
}

#ifdef EDIT
proctype Editor() { atomic { if :: true :: edited = 1; printf("STORY: somebody edits item 2\n") fi } }
#endif

init {
  atomic { run Run();
#ifdef EDIT
    run Editor();
#endif
  };
  do
  :: atomic { pending[0] > 0 -> pending[0]--; records[0]++; printf("STORY: the portal makes item 0\n") }
  :: atomic { pending[1] > 0 -> pending[1]--; records[1]++; printf("STORY: the portal makes item 1\n") }
  :: atomic { pending[2] > 0 -> pending[2]--; records[2]++; printf("STORY: the portal makes item 2\n") }
  :: atomic { _nr_pr == 1 && pending[0] + pending[1] + pending[2] == 0 -> break }
  od;
  printf("STORY: at rest: %d, %d, %d records\n", records[0], records[1], records[2]);
#ifdef P_ONE       /* no item is made twice */
  assert(records[0] <= 1 && records[1] <= 1 && records[2] <= 1);
#endif
#ifdef P_ALL       /* in the end every item is there, or was edited */
  assert(records[0] == 1 && records[1] == 1 && (records[2] == 1 || reported[2] == EDITED));
#endif
#ifdef P_TRUE      /* the last report says of each item what is so, and leaves none out */
  assert((reported[0] == DONE) == (records[0] > 0) && (reported[1] == DONE) == (records[1] > 0) && (reported[2] == DONE) == (records[2] > 0));
#endif
#ifdef P_EDIT      /* what was edited since is not sent */
  assert(!wrong);
#endif
#ifdef P_ORDER     /* no child is sent before its parent is there */
  assert(!early);
#endif
}
