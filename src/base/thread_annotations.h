// Clang's thread-safety annotations: which mutex, or which thread, guards what. The compiler checks
// them (-Wthread-safety, an error in tools/warnings.bzl). See mutex.h and sequence_checker.h for
// the types to use them with, and Clang's "Thread Safety Analysis" for what each means.
//
// Lambdas are analysed separately: one that reads guarded data must be annotated too,
// `[this]() PISTREAM_REQUIRES(mutex_) { return is_done_; }`.
#pragma once

// On a class: its objects are capabilities, such as a mutex or a thread.
#define PISTREAM_CAPABILITY(kind) __attribute__((capability(kind)))
// On a class: its constructor acquires, its destructor releases.
#define PISTREAM_SCOPED_CAPABILITY __attribute__((scoped_lockable))

// On a member: read and written only while `capability` is held; PT_: the same for what it points
// to.
#define PISTREAM_GUARDED_BY(capability) __attribute__((guarded_by(capability)))
#define PISTREAM_PT_GUARDED_BY(capability) __attribute__((pt_guarded_by(capability)))

// On a mutex: the order in which two are locked.
#define PISTREAM_ACQUIRED_BEFORE(...) __attribute__((acquired_before(__VA_ARGS__)))
#define PISTREAM_ACQUIRED_AFTER(...) __attribute__((acquired_after(__VA_ARGS__)))

// On a function: the caller holds it, does not hold it.
#define PISTREAM_REQUIRES(...) __attribute__((requires_capability(__VA_ARGS__)))
#define PISTREAM_EXCLUDES(...) __attribute__((locks_excluded(__VA_ARGS__)))
// On a function: it acquires, releases, tries to acquire (the first argument is the value returned
// for success), or has made sure by a check at run time that the caller holds it.
#define PISTREAM_ACQUIRE(...) __attribute__((acquire_capability(__VA_ARGS__)))
#define PISTREAM_RELEASE(...) __attribute__((release_capability(__VA_ARGS__)))
#define PISTREAM_TRY_ACQUIRE(...) __attribute__((try_acquire_capability(__VA_ARGS__)))
#define PISTREAM_ASSERT_CAPABILITY(...) __attribute__((assert_capability(__VA_ARGS__)))
// On a function: it returns a reference to this mutex.
#define PISTREAM_RETURN_CAPABILITY(capability) __attribute__((lock_returned(capability)))

// On a function whose locking the analysis cannot follow. Requires a comment that says why.
#define PISTREAM_NO_THREAD_SAFETY_ANALYSIS __attribute__((no_thread_safety_analysis))
