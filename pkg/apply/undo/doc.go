// Package undo turns what runs did into the plan that takes it back: what was created is
// deleted, what was changed gets its former values, and what was deleted is created again.
//
// What a run did is told by its plan and its journal. What is there is read anew, since a plan
// to undo has preconditions: whatever people have touched in the meantime is a conflict, which
// names what has changed, and stays as it is. The plan is one like any other, so that it is
// shown, saved, carried out, journalled and undone in the same way. The package reads the portal
// through [Portal] alone, and writes nothing.
package undo
