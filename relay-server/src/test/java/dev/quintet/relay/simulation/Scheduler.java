package dev.quintet.relay.simulation;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/**
 * The threads of one simulated process: queues of which the seed says whose next task runs.
 *
 * <p>The tasks of one worker run in their order, those of different workers in any.
 */
final class Scheduler {
    private final RandomGenerator random;
    private final Consumer<Throwable> failure;
    private final List<Worker> workers = new ArrayList<>();
    private final List<Worker> ready = new ArrayList<>();
    private Worker running;
    private boolean isEnded;

    /** @param failure told of whatever a task throws */
    Scheduler(RandomGenerator random, Consumer<Throwable> failure) {
        this.random = random;
        this.failure = failure;
    }

    /** One thread, or one pool whose tasks do not overtake each other. */
    final class Worker implements Executor {
        private final Queue<Runnable> tasks = new ArrayDeque<>();
        private final int capacity;

        private Worker(int capacity) {
            this.capacity = capacity;
        }

        @Override
        public void execute(Runnable task) {
            if (tasks.size() >= capacity || isEnded) {
                throw new RejectedExecutionException();
            }
            tasks.add(task);
        }

        /** Whether the caller is one of its tasks. */
        boolean isHere() {
            return running == this;
        }

        private void runNext() {
            running = this;
            try {
                tasks.remove().run();
            } catch (Throwable thrown) {
                failure.accept(thrown);
            } finally {
                running = null;
            }
        }
    }

    /** A worker for which any number of tasks may wait. */
    Worker worker() {
        return worker(Integer.MAX_VALUE);
    }

    /** A worker that refuses a task when so many wait. */
    Worker worker(int capacity) {
        Worker worker = new Worker(capacity);
        workers.add(worker);
        return worker;
    }

    /** Runs one task of anybody; false if there is none. */
    boolean runOne() {
        ready.clear();
        for (Worker worker : workers) {
            if (!worker.tasks.isEmpty()) {
                ready.add(worker);
            }
        }
        if (ready.isEmpty()) {
            return false;
        }
        ready.get(random.nextInt(ready.size())).runNext();
        return true;
    }

    /** The process has ended: nothing runs any more. */
    void end() {
        isEnded = true;
        workers.forEach(worker -> worker.tasks.clear());
    }
}
