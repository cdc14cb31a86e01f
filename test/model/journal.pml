/* journal.pml: one update of one record. A run reads it again, writes intent and sent to its journal, sends the
   save, writes the result. The save may be lost, execute late, or lose its answer; the run may be killed; a person
   and another project may write too. Every save that executes counts, since it starts automation.

   Scene:     LOST messages (1), DEATHS (0), TRIES of the save (2), FOLDER (a killed run is started again in its
              folder, else in an empty one), PERSON (writes another value, and may set the old one back), TAKE
              (another project takes the mark over), UNDO (of the run, once it has ended).
   Rules:     MUT_* takes one away, see the table.
   Property:  P_*, at the end of this file. */

#ifndef LOST
#define LOST 1
#endif
#ifndef DEATHS
#define DEATHS 0
#endif
#ifndef TRIES
#define TRIES 2
#endif

#define OLD   0
#define OURS  1
#define THEIRS 2

#define NONE  0     /* no request */
#define SENT  1
#define SAVED 2
#define GONE  3     /* never arrives */

#define SUCCEEDED 1
#define CONFLICT  2
#define UNKNOWN   3

/* The portal. */
byte value;                 /* of the field that the run updates */
byte moved;                 /* updatedTime */
bool taken;                 /* the mark is another project's */
byte save;                  /* the save that the run waits for */
byte late;                  /* saves in flight that nobody waits for */
byte saves, lost = LOST, deaths = DEATHS;

/* What is on the disk. */
bool intent, result;
byte noted;                 /* updatedTime of the re-read */

byte verdict;
bool overwritten;           /* a save put its value over a person's */
bool undone;                /* undo put the old value over a person's */
bool blind;                 /* the mark was taken over before the re-read, and the run has sent all the same */

/* A look counts 60 s after the sending, in a living run and when a later command settles. */
#ifdef MUT_NOWAIT
#define WAITED true
#else
#define WAITED (save != SENT && late == 0)
#endif
#ifdef MUT_LATE
#define SETTLED true
#else
#define SETTLED (late == 0)
#endif
/* The old value is a "no" only under the old updatedTime. */
#ifdef MUT_NOVER
#define NOTDONE (value == OLD)
#else
#define NOTDONE (value == OLD && moved == before)
#endif
#ifdef MUT_NOMARK
#define NOTOURS false
#else
#define NOTOURS taken
#endif
/* Intent and sent are on the disk before the request is sent; the result, after its answer. */
#ifdef MUT_NOSYNC
#define SYNCED false
#else
#define SYNCED true
#endif
#ifdef MUT_EARLYRESULT
#define EARLY true
#else
#define EARLY false
#endif

/* Undo puts the value before back where the one that we saved still stands. */
#ifdef MUT_UNDOFREE
#define HOLDS true
#else
#define HOLDS (value == OURS)
#endif

#define EXECUTES saves++; if :: value == THEIRS -> overwritten = 1 :: else fi; value = OURS; moved++; printf("STORY: the portal saves\n")
#define MAYDIE   :: atomic { deaths > 0 -> deaths--; printf("STORY: the run is killed\n"); goto dead }

proctype Run() {
  byte before, tries;
begin:
  atomic { before = moved;
    printf("STORY: the run reads value %d, mark taken %d\n", value, taken);
    if
    :: NOTOURS -> verdict = CONFLICT; printf("STORY: conflict: the mark is another's\n"); goto over
    :: else -> if :: taken -> blind = 1 :: else fi
    fi;
    if
    :: value == OURS -> verdict = SUCCEEDED; printf("STORY: unchanged\n"); goto over
    :: value == THEIRS -> verdict = CONFLICT; printf("STORY: conflict\n"); goto over
    :: else
    fi };
send:
  if :: atomic { true -> intent = SYNCED; noted = before; result = 0; printf("STORY: the run writes its intent\n") } MAYDIE fi;
  if :: atomic { true -> save = SENT; result = EARLY; tries++; printf("STORY: the run sends the save\n") } MAYDIE fi;
  if
  :: atomic { save == SAVED -> save = NONE; printf("STORY: the run is answered\n") }
  :: atomic { save == GONE -> save = NONE; printf("STORY: the run gets no answer\n"); goto settle }
  :: atomic { lost > 0 && save != GONE -> lost--; if :: save == SENT -> late++ :: else fi; save = NONE; printf("STORY: the answer is lost\n"); goto settle }
  MAYDIE
  fi;
  if :: atomic { true -> result = 1; intent = 1; verdict = SUCCEEDED; printf("STORY: the run writes the result\n"); goto over } MAYDIE fi;
settle:
#ifdef MUT_NOLOOK
  atomic { if :: tries < TRIES -> goto send :: else -> verdict = UNKNOWN; goto over fi };
#endif
  if
  :: atomic { value == OURS -> result = 1; verdict = SUCCEEDED; printf("STORY: a look shows that it is saved\n"); goto over }
  :: atomic { value != OURS && WAITED -> skip }
  MAYDIE
  fi;
judge:
  atomic {
    if
    :: value == OURS -> verdict = SUCCEEDED; printf("STORY: a look shows that it is saved\n"); goto over
    :: NOTDONE -> printf("STORY: a look shows that it was not saved\n")
    :: value != OURS && !NOTDONE -> verdict = CONFLICT; printf("STORY: a look shows another's save: conflict\n"); goto over
    fi;
    if :: tries < TRIES -> goto send :: else -> verdict = UNKNOWN; printf("STORY: unknown\n"); goto over fi };
dead:
  atomic { if :: save == SENT -> late++ :: else fi; save = NONE; tries = 0; printf("STORY: the run is started again\n") };
#ifdef FOLDER
  if
  :: atomic { result -> verdict = SUCCEEDED; printf("STORY: its journal has the result\n"); goto over }
  :: atomic { !result && intent && SETTLED -> before = noted; printf("STORY: its journal has an intent, which is settled\n"); goto judge }
  :: atomic { !result && !intent -> goto begin }
  fi;
#endif
  goto begin;
over: skip;
#ifdef UNDO
  if
  :: true
  :: atomic { verdict == SUCCEEDED && HOLDS -> if :: value == THEIRS -> undone = 1 :: else fi; value = OLD; moved++; printf("STORY: undo puts the old value back\n") }
  fi
#endif
}

#ifdef PERSON
proctype Person() {
  atomic { if :: true -> goto over :: true fi; value = THEIRS; moved++; printf("STORY: a person writes another value\n") };
  atomic { if :: value == THEIRS -> value = OLD; moved++; printf("STORY: the person sets the old value back\n") :: true fi };
over: skip
}
#endif
#ifdef TAKE
proctype Other() { atomic { if :: taken = 1; moved++; printf("STORY: another project takes the mark over\n") :: true fi } }
#endif

init {
  atomic {
    run Run();
#ifdef PERSON
    run Person();
#endif
#ifdef TAKE
    run Other();
#endif
  };
  do
  :: atomic { save == SENT -> EXECUTES; save = SAVED }
  :: atomic { save == SENT && lost > 0 -> lost--; save = GONE; printf("STORY: the save never arrives\n") }
  :: atomic { late > 0 -> EXECUTES; late-- }
  :: atomic { _nr_pr == 1 && late == 0 -> break }
  od;
  printf("STORY: at rest: value %d, %d saves, verdict %d\n", value, saves, verdict);
#ifdef P_ONCE      /* one save executes at the most */
  assert(saves <= 1);
#endif
#ifdef P_REPEAT    /* a save that is repeated, or late, is put over no person's value */
  assert(!(overwritten && saves > 1));
#endif
#ifdef P_DONE      /* succeeded: it is on the portal */
  assert(!(verdict == SUCCEEDED && saves == 0));
#endif
#ifdef P_MARK      /* what another project owns by the time of the re-read is not written */
  assert(!blind || saves == 0);
#endif
#ifdef P_PERSON    /* no person's value is lost at all */
  assert(!overwritten);
#endif
#ifdef P_UNDO      /* undo puts nothing over what a person has written since */
  assert(!undone);
#endif
#ifdef P_SAID      /* the run says something */
  assert(verdict != 0);
#endif
}
