/* savedplan.pml: one saved plan, a create and an update (value 0 to 1), is applied twice.

   Scene:     SHARED (on one machine: lock, journal and the marker that the plan is used; else on two), DEATHS (of
              the first one), INTURN (the second starts when the first has ended), PERSON (changes the value once after the plan was made).
   Rules:     MUT_* takes one away, see the table.
   Property:  P_*, at the end of this file. */

#ifndef DEATHS
#define DEATHS 0
#endif

byte records, value, saves; /* what the portal has */
byte pending;               /* adds in flight */
bool added[2];              /* the add of this one has executed */
bool lock, used, intent;    /* of the machine */
byte verdict[2];            /* 1 succeeded, 2 conflict, 6 refused: used already, 9 killed */
byte deaths = DEATHS;
bool trampled;              /* a person's value was there at the re-read, or when a long wait behind it was over, and is overwritten */

#ifdef MUT_USEDLATE
#define MARKUSED false
#else
#define MARKUSED true
#endif
/* An update that is already as it would be is unchanged. */
#ifdef MUT_NOEQUAL
#define ASPLANNED false
#else
#define ASPLANNED (value == 1)
#endif
#ifdef MUT_NOREREAD
#define CHANGED false
#else
#define CHANGED (value != 0)
#endif
/* A re-read counts for 60 s. */
#ifdef MUT_OLDREAD
#define GROWNOLD false
#else
#define GROWNOLD true
#endif
#ifdef MUT_LATE
#define SETTLED true
#else
#define SETTLED (pending == 0)
#endif
#ifdef MUT_NOEXISTS
#define EXISTS false
#else
#define EXISTS (records > 0)
#endif

proctype Add(byte r) { atomic { records++; pending--; added[r] = 1; printf("STORY: the portal makes a record, has %d\n", records) } }

proctype Apply(byte r) {
  bool waited, stood;
#ifdef INTURN
  atomic { r == 0 || verdict[0] != 0 };
#endif
#ifdef SHARED
  atomic { !lock -> lock = 1; printf("STORY: apply %d has the lock\n", r) };
  atomic { !intent || SETTLED -> intent = 0 };
  atomic { if :: used -> verdict[r] = 6; lock = 0; printf("STORY: apply %d: the plan is used already\n", r); goto over :: else -> used = MARKUSED fi };
#endif
  atomic { if :: EXISTS -> printf("STORY: apply %d: it exists and is equal: unchanged\n", r); goto update :: else -> printf("STORY: apply %d sees none\n", r) fi };
  atomic { intent = 1; pending++; run Add(r); printf("STORY: apply %d sends its add\n", r) };
  if
  :: atomic { added[r] -> intent = 0 }
#if DEATHS > 0
  :: atomic { r == 0 && deaths > 0 -> deaths--; verdict[r] = 9; lock = 0; printf("STORY: apply %d is killed\n", r); goto over }
#endif
  fi;
update:
  atomic {
    if
    :: ASPLANNED -> printf("STORY: apply %d: the update is as planned: unchanged\n", r); goto last
    :: else
    fi;
    if
    :: CHANGED -> verdict[r] = 2; printf("STORY: apply %d: changed since the plan: conflict\n", r); goto last
    :: else -> if :: value == 2 -> trampled = 1 :: else fi
    fi };
#ifdef WAITS
  if
  :: atomic { !waited -> waited = 1; printf("STORY: apply %d waits for longer than 60 s\n", r) };
     if
     :: atomic { GROWNOLD -> printf("STORY: apply %d reads again\n", r); goto update }
     :: atomic { !GROWNOLD -> stood = (value == 2) }
     fi
  :: atomic { true -> skip }
  fi;
#endif
  atomic { if :: stood && value == 2 -> trampled = 1 :: else fi;
    value = 1; saves++; printf("STORY: apply %d saves the update\n", r) };
last:
  atomic {
    if :: records > 1 -> verdict[r] = 2; printf("STORY: apply %d names the double\n", r) :: else fi;
    if :: verdict[r] == 0 -> verdict[r] = 1 :: else fi;
#ifdef SHARED
    used = 1; lock = 0;
#endif
    printf("STORY: apply %d ends as %d\n", r, verdict[r]) };
over: skip
}

#ifdef PERSON
proctype Person() { atomic { if :: true :: value = 2; printf("STORY: a person changes the value\n") fi } }
#endif

init {
  atomic { run Apply(0); run Apply(1);
#ifdef PERSON
    run Person();
#endif
  };
  _nr_pr == 1;
  printf("STORY: at rest: %d records, %d saves\n", records, saves);
#ifdef P_ONE       /* one record */
  assert(records <= 1);
#endif
#ifdef P_NAMED     /* one record, or the double is named */
  assert(records <= 1 || verdict[0] == 2 || verdict[1] == 2);
#endif
#ifdef P_USED      /* a plan is carried out once: who comes second is refused */
  assert(verdict[0] == 6 || verdict[1] == 6);
#endif
#ifdef P_ONCE      /* one save */
  assert(saves <= 1);
#endif
#ifdef P_QUIET     /* with nobody else there is no conflict out of one's own success */
  assert(records > 1 || saves > 1 || (verdict[0] != 2 && verdict[1] != 2));
#endif
#ifdef P_STALE     /* what a person has changed by the time of the re-read is not overwritten */
  assert(!trampled);
#endif
}
