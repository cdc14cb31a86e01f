/* create.pml: creates of one mark. RUNS runs look it up, add, keep the record with the lowest id, and send
   a child that refers to it. Each run is on a machine of its own, unless SHARED.

   Scene:     RUNS (2), TRIES of an add (2), LOST messages (1), DEATHS of run 0 (0), LATE (0: what is made is
              visible at once, 1: 60 s after it was sent, 2: at any time), FOLDER (a killed run is started again in
              its folder, else in an empty one), SHARED (the runs share lock and folder), CHILDREN (1; 0: nobody
              sends one), REFERS (the last run has a child and no record), PERSON (somebody saves or links
              once), UNDO (of run 0), NODELETE (the user may not delete).
   Rules:     MUT_* takes one away, see the table.
   Property:  P_*, at the end of this file. */

#ifndef RUNS
#define RUNS 2
#endif
#ifndef TRIES
#define TRIES 2
#endif
#ifndef LOST
#define LOST 1
#endif
#ifndef DEATHS
#define DEATHS 0
#endif
#ifndef LATE
#define LATE 0
#endif
#ifndef CHILDREN
#define CHILDREN 1
#endif
#if defined(SHARED) && !defined(FOLDER)
#define FOLDER
#endif

/* A set of ids is a byte, in which id n is the bit n. */
#define BIT(n)   (1 << (n))
#define MANY(s)  ((s) & ((s) - 1))
#define LOW(s)   ((s) & 2 -> 1 : ((s) & 4 -> 2 : ((s) & 8 -> 3 : ((s) & 16 -> 4 : ((s) & 32 -> 5 : ((s) & 64 -> 6 : ((s) & 128 -> 7 : 0)))))))
#define TOOMANY  8

#define NONE     0      /* no request; else the id that it has made */
#define SENT     14
#define GONE     15     /* never arrives */
#define HIDDEN   12     /* a child that is made, and not visible yet */
#define SHOWS    1
#define UNBOUND  13     /* a child that points at nothing */

/* The portal. */
byte there, visible;            /* what carries the mark, and what of it a look shows */
byte next = 1;                  /* the id that is given next */
byte lost = LOST;
byte add[RUNS];                 /* the add that a run waits for: NONE, SENT, GONE or its id */
byte late[RUNS + 1];            /* adds in flight that a run does not wait for; the last one: of a killed run */
byte made[RUNS + 1];            /* what requests of a run have made */
byte child[RUNS];               /* NONE, SENT, HIDDEN (made, not yet visible) or SHOWS */
byte points[RUNS];              /* what the child points at */
byte aim[RUNS];                 /* what the child was sent to point at */
byte removal[RUNS + 2];         /* a batch that deletes: NONE, ASKED, READ (what stays is there), DONE or HALTED; */
byte victim[RUNS + 2], stays[RUNS + 2];    /* the last two: of a killed run, and of undo */
#define ASKED    1
#define READ     2
#define DONE     3
#define HALTED   4

/* People. */
byte edited, saved, linked;     /* a declared field was changed; a person saved it last; a person's record points at it */

/* The runs. */
byte mine[RUNS], answered[RUNS];/* what a run uses as its own, and what its answers named */
byte target[RUNS];              /* what its child will point at */
byte window[RUNS];              /* it has looked and seen this one alone; its child is not there yet */
bool named[RUNS];               /* it names a double, or ends an item as conflict or unknown */
bool failed[RUNS];              /* it says that nothing is left, or that the child has no parent */
byte verdict[RUNS];             /* RUNNING, OK, WARNED (exit 3) or LOSER (exit 7: adopts the other one) */
#define RUNNING 0
#define OK      1
#define WARNED  2
#define LOSER   3
byte deaths = DEATHS;
bool tookback[RUNS + 2];        /* as removal */
bool lock;
bool work, foreign, used, lie, vain;  /* what must not happen, see the properties */

#define SHOWN     (there & visible)
/* 60 s after sending: it has executed or never will. */
#if LATE == 2
#define OVER(r)   (add[r] != SENT && late[r] == 0)
#define LEFTOVER  (late[RUNS] == 0 && removal[RUNS] != ASKED && removal[RUNS] != READ)
#else
#define LEFTOVER  (late[RUNS] == 0 && removal[RUNS] != ASKED && removal[RUNS] != READ && !(made[RUNS] & there & ~visible))
#define OVER(r)   (add[r] != SENT && late[r] == 0 && !(made[r] & there & ~visible))
#endif
#if RUNS == 1
#define POINTED(d) ((points[0] == d && child[0] == SHOWS) || (linked & BIT(d)))
#define ALLOVER    (OVER(0) && LEFTOVER)
#define BORN       (child[0] != SENT && child[0] != HIDDEN)
#elif RUNS == 2
#define POINTED(d) ((points[0] == d && child[0] == SHOWS) || (points[1] == d && child[1] == SHOWS) || (linked & BIT(d)))
#define ALLOVER    (OVER(0) && OVER(1) && LEFTOVER)
#define BORN       (child[0] != SENT && child[0] != HIDDEN && child[1] != SENT && child[1] != HIDDEN)
#else
#define POINTED(d) ((points[0] == d && child[0] == SHOWS) || (points[1] == d && child[1] == SHOWS) || (points[2] == d && child[2] == SHOWS) || (linked & BIT(d)))
#define ALLOVER    (OVER(0) && OVER(1) && OVER(2) && LEFTOVER)
#define BORN       (child[0] != SENT && child[0] != HIDDEN && child[1] != SENT && child[1] != HIDDEN && child[2] != SENT && child[2] != HIDDEN)
#endif
/* 120 s after the double was seen: who saw one mark alone has sent its child by now, and it is visible. */
#if RUNS == 1 || defined(MUT_NODELAY)
#define SETTLED(d) true
#elif RUNS == 2
#define SETTLED(d) (window[1 - r] != d)
#else
#define SETTLED(d) (window[(r + 1) % 3] != d && window[(r + 2) % 3] != d)
#endif
/* 60 s after it was sent a child is there, and after 60 more a look shows it, where that is promised. */
#define UNSEEN(r) (child[r] == SENT || (child[r] == HIDDEN && LATE < 2))
/* A look that finds nothing counts 60 s after the sending. */
#ifdef MUT_NOWAIT
#define WAITED true
#else
#define WAITED OVER(r)
#endif
/* The last look comes when all is settled: what was claimed may be another run's, and the own one in flight.
   It is repeated until it shows what this run was answered. */
#ifdef MUT_LASTEARLY
#define LASTLOOK (LATE == 2 || !(answered[r] & there & ~visible))
#else
#define LASTLOOK ((LATE == 2 || !(answered[r] & there & ~visible)) && OVER(r))
#endif
/* What is in use is not taken back: a declared field changed, something points at it, a person saved it last. */
#ifdef MUT_NOPERSON
#define INUSE(d) ((edited & BIT(d)) || POINTED(d) || points[r] == d)
#else
#define INUSE(d) ((edited & BIT(d)) || POINTED(d) || points[r] == d || (saved & BIT(d)))
#endif
#ifdef MUT_UNDOFREE
#define UNDOINUSE(d) false
#else
#define UNDOINUSE(d) ((edited & BIT(d)) || (saved & BIT(d)) || POINTED(d) || !(SHOWN & BIT(d)))
#endif
/* A run that starts in the folder of an earlier one settles first what that one left in flight. */
#if defined(MUT_LATE)
#define FIRST true
#elif defined(MUT_NOSYNC)
#define FIRST (LEFTOVER || forgot)
#else
#define FIRST LEFTOVER
#endif
/* The taking back stands in the journal: who settles it names it, until one of them has lived to report it. */
#if defined(MUT_UNTOLD)
#define TOLD
#elif defined(MUT_TOLDONCE)
#define TOLD if :: tookback[r] || removal[r] == ASKED || removal[r] == READ -> named[r] = 1 :: else fi;
#else
#define TOLD if :: tookback[r] || tookback[RUNS] || removal[RUNS] != NONE || removal[r] == ASKED || removal[r] == READ -> named[r] = 1 :: else fi;
#endif
#ifdef MUT_FIRSTHIT
#define SEESTWO(s) false
#else
#define SEESTWO(s) (MANY(s) != 0)
#endif
/* A batch with halt: the deletion is executed only if the one that stays was read before it. */
#ifdef MUT_NOHALT
#define STAYS(n) true
#else
#define STAYS(n) ((SHOWN & BIT(stays[n])) != 0)
#endif

inline DELETES(n) {   /* the batch of n deletes its victim; whose child pointed at it points at nothing */
  removal[n] = DONE; tookback[n] = 1; there = there & ~BIT(victim[n]); linked = linked & ~BIT(victim[n]);
  printf("STORY: portal deletes %d\n", victim[n]);
  q = 0; do :: q < RUNS -> if :: points[q] == victim[n] -> points[q] = UNBOUND; printf("STORY: the child of run %d points at nothing\n", q) :: else fi; q++ :: else -> break od; q = 0
}

inline MAKES(r) {
  if :: next < TOOMANY -> there = there | BIT(next); made[r] = made[r] | BIT(next) fi;
  if :: visible = visible | BIT(next); printf("STORY: portal makes %d for run %d\n", next, r)
#if LATE > 0
     :: printf("STORY: portal makes %d for run %d, not visible\n", next, r)
#endif
  fi
}

/* A run takes the ids in set back, its own answered ones, of which keep stays. */
inline TAKEBACK(set, keep) {
  atomic { todo = set;
#ifndef MUT_CLAIMOURS
    if :: todo & ~answered[r] -> named[r] = 1; printf("STORY: run %d names what it has only claimed\n", r) :: else fi;
    todo = todo & answered[r]
#endif
  };
  do
  :: atomic { todo == 0 -> break }
  :: atomic { todo != 0 && SETTLED(LOW(todo)) -> d = LOW(todo); todo = todo & ~BIT(d);
       if
#ifdef NODELETE
       :: true -> named[r] = 1; printf("STORY: run %d may not delete %d\n", r, d); d = 0
#else
       :: INUSE(d) -> named[r] = 1; printf("STORY: run %d leaves %d, which is used, and names it\n", r, d); d = 0
       :: else -> if :: saved & BIT(d) -> work = 1 :: else fi;
          if :: !(made[r] & BIT(d)) -> foreign = 1 :: else fi;
          victim[r] = d; stays[r] = keep; removal[r] = ASKED; printf("STORY: run %d sends the deletion of %d\n", r, d)
#endif
       fi }
     if
     :: atomic { d == 0 -> skip }
     :: atomic { d != 0 && removal[r] == DONE -> mine[r] = mine[r] & ~BIT(d); removal[r] = NONE; d = 0; victim[r] = 0; stays[r] = 0 }
     :: atomic { d != 0 && removal[r] == HALTED -> failed[r] = 1; named[r] = 1; removal[r] = NONE; d = 0; victim[r] = 0; stays[r] = 0; printf("STORY: run %d: the batch was halted\n", r) }
#if DEATHS > 0
     :: atomic { d != 0 && r == 0 && deaths > 0 -> deaths--; printf("STORY: run %d is killed\n", r); goto dead }
#endif
     fi
  od
}

#if DEATHS > 0
#define MAYDIE :: atomic { r == 0 && deaths > 0 -> deaths--; printf("STORY: run %d is killed\n", r); goto dead }
#else
#define MAYDIE
#endif

proctype Run(byte r) {
  byte seen, low, tries, todo, d;
  bool claims, loses, forgot;
#ifdef SHARED
  atomic { !lock -> lock = 1 };
#endif
begin:
#ifdef FOLDER
  atomic { FIRST -> printf("STORY: run %d has settled what was in flight\n", r) };
#endif
  atomic { seen = SHOWN; low = LOW(seen); target[r] = low; window[r] = (MANY(seen) -> 0 : low);
    printf("STORY: run %d plans, sees set %d\n", r, seen);
    if
    :: SEESTWO(seen) -> named[r] = 1; printf("STORY: run %d names the double\n", r); goto over
    :: else
    fi;
    if :: low -> goto children :: else fi;
#ifdef REFERS
    if :: r == RUNS - 1 -> goto over :: else fi;
#endif
  };
send:
  if
  :: atomic { add[r] = SENT; printf("STORY: run %d sends its add\n", r) }
  MAYDIE
  fi;
  if
  :: atomic { add[r] != SENT && add[r] != GONE -> mine[r] = mine[r] | BIT(add[r]); answered[r] = answered[r] | BIT(add[r]);
       printf("STORY: run %d is answered %d\n", r, add[r]); add[r] = NONE }
  :: atomic { (add[r] == GONE || lost > 0) -> if :: add[r] != GONE -> lost-- :: else fi; claims = 1;
       printf("STORY: run %d loses the answer\n", r);
       if :: add[r] == SENT -> late[r]++ :: else fi; add[r] = NONE }
  MAYDIE
  fi;
  if :: atomic { !claims -> goto gate } :: atomic { claims -> skip } fi;
#ifndef MUT_NOLOOK
  if
  :: atomic { (SHOWN & ~seen & ~mine[r]) != 0 -> mine[r] = mine[r] | (SHOWN & ~seen); printf("STORY: run %d finds, and claims, set %d\n", r, mine[r]); goto gate }
  :: atomic { !(SHOWN & ~seen & ~mine[r]) && WAITED -> claims = 0; printf("STORY: run %d finds nothing\n", r) }
  MAYDIE
  fi;
#endif
  atomic { tries++; if :: tries < TRIES -> goto send :: else -> named[r] = 1; printf("STORY: run %d: unknown\n", r); goto over fi };
gate:
#ifdef MUT_NOGATE
  target[r] = LOW(mine[r]);
#else
  if
  :: atomic { low = LOW(SHOWN | mine[r]); target[r] = low; window[r] = (answered[r] & BIT(low) -> 0 : low); printf("STORY: run %d at the gate sees set %d\n", r, SHOWN | mine[r]) }
  MAYDIE
  fi;
  if
  :: atomic { (mine[r] & BIT(low)) -> seen = mine[r] & ~BIT(low) }; TAKEBACK(seen, low)
  :: atomic { !(mine[r] & BIT(low)) -> seen = mine[r]; loses = 1; printf("STORY: run %d adopts %d\n", r, low) }; TAKEBACK(seen, low); goto after
  fi;
#endif
children:
#if CHILDREN == 0
  goto over;
#else
#ifdef REFERS
  if :: atomic { r < RUNS - 1 -> goto over } :: atomic { r == RUNS - 1 -> skip } fi;
#endif
  if
  :: atomic { child[r] != NONE && points[r] == target[r] -> goto over }
  :: atomic { !(child[r] != NONE && points[r] == target[r]) -> child[r] = SENT; aim[r] = target[r]; window[r] = (answered[r] & BIT(aim[r]) -> 0 : aim[r]); printf("STORY: run %d sends its child, at %d\n", r, target[r]) }
  MAYDIE
  fi;
  if
  :: atomic { child[r] != SENT -> if :: points[r] == UNBOUND -> failed[r] = 1; named[r] = 1; printf("STORY: run %d: its child points at nothing\n", r) :: else fi }
  MAYDIE
  fi;
#endif
over:
#ifndef MUT_NOLAST
  if
  :: atomic { LASTLOOK -> window[r] = (UNSEEN(r) -> window[r] : 0); seen = SHOWN | mine[r]; low = LOW(seen); printf("STORY: run %d looks once more, sees set %d\n", r, seen) }
  MAYDIE
  fi;
  if
  :: atomic { !MANY(seen) -> goto after }
  :: atomic { MANY(seen) && (mine[r] == 0 || (mine[r] & BIT(low))) -> named[r] = 1; printf("STORY: run %d names the double\n", r); goto after }
  :: atomic { MANY(seen) && mine[r] != 0 && !(mine[r] & BIT(low)) -> seen = mine[r]; loses = 1; target[r] = low }; TAKEBACK(seen, low)
  fi;
#endif
after:
  atomic {
#ifndef MUT_NOAFTER
    if :: loses && SHOWN == 0 -> failed[r] = 1; named[r] = 1; printf("STORY: run %d: nothing is left, failed\n", r) :: else fi;
#endif
    if :: loses && SHOWN == 0 && !failed[r] && !(there & ~visible) -> lie = 1 :: else fi;
    verdict[r] = (loses -> LOSER : (named[r] -> WARNED : OK));
    printf("STORY: run %d ends as %d\n", r, verdict[r]);
#ifdef SHARED
    lock = 0;
#endif
    window[r] = (UNSEEN(r) -> window[r] : 0);
    seen = 0; low = 0; tries = 0; claims = 0; loses = 0; forgot = 0 }
  goto fin;
dead: skip;
#if DEATHS > 0
  /* It is started again: in its folder, which knows of the taking back and of what is in flight, or in an empty one. */
  atomic {
    if :: add[r] == SENT -> late[RUNS]++ :: else fi; add[r] = NONE;
    late[RUNS] = late[RUNS] + late[r]; late[r] = 0; made[RUNS] = made[RUNS] | made[r]; made[r] = 0;
    seen = 0; low = 0; tries = 0; claims = 0; loses = 0; todo = 0; d = 0; mine[r] = 0; named[r] = 0; failed[r] = 0;
#ifdef FOLDER
    if :: forgot = 1 :: forgot = 0 fi;
    TOLD
#endif
    if :: removal[r] == ASKED || removal[r] == READ -> removal[RUNS] = removal[r]; victim[RUNS] = victim[r]; stays[RUNS] = stays[r] :: else fi;
    removal[r] = NONE; victim[r] = 0; stays[r] = 0;
    answered[r] = 0; lock = 0 };
  /* A child in flight is waited for: it has a mark of its own, with the same care. */
  atomic { child[r] != SENT && child[r] != HIDDEN && !lock -> window[r] = 0;
#ifdef SHARED
    lock = 1;
#endif
    printf("STORY: run %d is started again\n", r) };
  goto begin;
#endif
fin: skip
}

#ifdef PERSON
proctype Person() {
  byte p;
  if
  :: true
  :: atomic { SHOWN -> if :: p = LOW(SHOWN) :: p = LOW(SHOWN & ~BIT(LOW(SHOWN))) fi;
    if
    :: !p
    :: p -> saved = saved | BIT(p); printf("STORY: a person saves another field of %d\n", p)
    :: p -> edited = edited | BIT(p); printf("STORY: a person changes a declared field of %d\n", p)
    :: p -> linked = linked | BIT(p); printf("STORY: a person links something to %d\n", p)
    fi; p = 0 }
  fi
}
#endif

#ifdef UNDO
/* Undo of run 0, from another machine: its child goes first, then what its answers named, unless it is used. */
proctype Undo() {
  byte todo, d;
  atomic { verdict[0] != RUNNING -> todo = answered[0];
#ifdef MUT_CLAIMOURS
    todo = mine[0];
#endif
    if :: child[0] == SHOWS -> child[0] = NONE; points[0] = NONE; failed[0] = 1; named[0] = 1 :: else fi };
  do
  :: atomic { todo == 0 -> break }
  :: atomic { todo != 0 -> d = LOW(todo); todo = todo & ~BIT(d);
       if
       :: UNDOINUSE(d) -> printf("STORY: undo: %d is used: conflict\n", d); d = 0
       :: else -> if :: (saved & BIT(d)) || (edited & BIT(d)) || POINTED(d) -> work = 1 :: else fi;
          if :: !(made[0] & BIT(d)) -> foreign = 1 :: else fi;
          if :: verdict[RUNS - 1] != RUNNING && target[RUNS - 1] == d -> used = 1 :: else fi;
          victim[RUNS + 1] = d; removal[RUNS + 1] = ASKED; printf("STORY: undo sends the deletion of %d\n", d)
       fi };
     if
     :: atomic { d == 0 -> skip }
     :: atomic { d != 0 && removal[RUNS + 1] == DONE -> removal[RUNS + 1] = NONE; victim[RUNS + 1] = 0; d = 0 }
     fi
  od
}
#endif

/* The portal executes, loses and shows, in any order; at rest the property is asserted. */
init {
  byte r, q; bool doubled, anybody, orphan;
  atomic {
    r = 0; do :: r < RUNS -> run Run(r); r++ :: else -> break od; r = 0;
#ifdef PERSON
    run Person();
#endif
#ifdef UNDO
    run Undo();
#endif
  };
  do
  :: atomic { add[0] == SENT -> MAKES(0); add[0] = next; next++ }
  :: atomic { add[0] == SENT && lost > 0 -> lost--; add[0] = GONE; printf("STORY: the add of run 0 never arrives\n") }
  :: atomic { late[0] > 0 -> MAKES(0); late[0]--; next++ }
  :: atomic { late[RUNS] > 0 -> MAKES(RUNS); late[RUNS]--; next++ }
  :: atomic { child[0] == SENT -> r = 0; goto bear }
  :: atomic { child[0] == HIDDEN -> child[0] = SHOWS; window[0] = 0 }
  :: atomic { removal[0] == ASKED -> r = 0; goto read }
  :: atomic { removal[0] == READ -> DELETES(0) }
  :: atomic { removal[RUNS] == ASKED -> r = RUNS; goto read }
  :: atomic { removal[RUNS] == READ -> DELETES(RUNS) }
#if RUNS > 1
  :: atomic { add[1] == SENT -> MAKES(1); add[1] = next; next++ }
  :: atomic { add[1] == SENT && lost > 0 -> lost--; add[1] = GONE; printf("STORY: the add of run 1 never arrives\n") }
  :: atomic { late[1] > 0 -> MAKES(1); late[1]--; next++ }
  :: atomic { child[1] == SENT -> r = 1; goto bear }
  :: atomic { child[1] == HIDDEN -> child[1] = SHOWS; window[1] = 0 }
  :: atomic { removal[1] == ASKED -> r = 1; goto read }
  :: atomic { removal[1] == READ -> DELETES(1) }
#endif
#if RUNS > 2
  :: atomic { add[2] == SENT -> MAKES(2); add[2] = next; next++ }
  :: atomic { add[2] == SENT && lost > 0 -> lost--; add[2] = GONE; printf("STORY: the add of run 2 never arrives\n") }
  :: atomic { late[2] > 0 -> MAKES(2); late[2]--; next++ }
  :: atomic { child[2] == SENT -> r = 2; goto bear }
  :: atomic { child[2] == HIDDEN -> child[2] = SHOWS; window[2] = 0 }
  :: atomic { removal[2] == ASKED -> r = 2; goto read }
  :: atomic { removal[2] == READ -> DELETES(2) }
#endif
#ifdef UNDO
  :: atomic { removal[RUNS + 1] == ASKED -> DELETES(RUNS + 1) }
#endif
  :: atomic { (there & ~visible) -> r = LOW(there & ~visible); visible = visible | BIT(r); printf("STORY: %d becomes visible\n", r); r = 0 }
  :: atomic { (MANY(there & ~visible)) -> r = LOW(there & ~visible); r = LOW(there & ~visible & ~BIT(r)); visible = visible | BIT(r); printf("STORY: %d becomes visible\n", r); r = 0 }
  :: atomic { _nr_pr == 1 && ALLOVER && !(there & ~visible) && BORN -> break }
  :: atomic { false ->
bear:  points[r] = (there & BIT(aim[r]) -> aim[r] : UNBOUND); aim[r] = 0;
       printf("STORY: the child of run %d is made, points at %d\n", r, points[r]);
       if :: child[r] = SHOWS; window[r] = 0
#if LATE > 0
          :: child[r] = HIDDEN; window[r] = (UNSEEN(r) -> window[r] : 0); printf("STORY: it is not visible\n")
#endif
       fi; r = 0 }
  :: atomic { false ->
read:
       if :: STAYS(r) -> if :: !(there & BIT(stays[r])) -> vain = 1 :: else fi; removal[r] = READ :: else -> removal[r] = HALTED; printf("STORY: %d is not there: the batch of run %d halts\n", stays[r], r) fi;
       r = 0 }
  od;
  atomic {
    doubled = MANY(there) != 0;
    r = 0; do :: r < RUNS ->
      if :: named[r] || verdict[r] == LOSER -> anybody = 1 :: else fi;
      if :: points[r] == UNBOUND && !failed[r] -> orphan = 1 :: else fi;
      r++ :: else -> break od;
    printf("STORY: at rest: set %d\n", there);
#ifdef P_ONE       /* one record at the most */
    assert(!doubled);
#endif
#ifdef P_NAMED     /* a double is named by a run */
    assert(!doubled || anybody);
#endif
#ifdef P_NEXT      /* a double is named by a run, or by the next plan */
    assert(!doubled || anybody || SEESTWO(SHOWN));
#endif
#ifdef P_KEPT      /* what was made is there, unless a run says that nothing is left */
    r = 0; q = 0; do :: r < RUNS -> if :: failed[r] -> q = 1 :: else fi; r++ :: else -> break od;
    assert(there != 0 || next == 1 || q);
#endif
#ifdef P_LAST      /* a batch takes back only while the record that stays is there */
    assert(!vain);
#endif
#ifdef P_TOLD      /* who has taken a record back says so, also when it was killed in between */
    r = 0; q = 0; do :: r < RUNS -> if :: tookback[r] && !named[r] && verdict[r] != LOSER -> q = 1 :: else fi; r++ :: else -> break od;
    assert(!q && (!tookback[RUNS] || named[0] || verdict[0] == LOSER));
#endif
#ifdef P_TRUE      /* no run says that it adopts a record when none is left */
    assert(!lie);
#endif
#ifdef P_CHILD     /* a child that points at nothing is named by its run */
    assert(!orphan);
#endif
#ifdef P_WORK      /* what a person has saved or linked is not deleted */
    assert(!work);
#endif
#ifdef P_FOREIGN   /* nothing is deleted that another run has made */
    assert(!foreign);
#endif
#ifdef P_USED      /* undo deletes nothing that another run has found equal, and uses */
    assert(!used);
#endif
  }
}
