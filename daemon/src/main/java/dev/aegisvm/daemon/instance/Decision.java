package dev.aegisvm.daemon.instance;

import dev.aegisvm.api.ErrorCode;
import java.util.List;

/** What a state makes of an event. */
record Decision(InstanceState next, List<Effect> effects, Answer answer) {
    Decision {
        effects = List.copyOf(effects);
    }

    /** What the one who asked is told. Reports ask nothing. */
    sealed interface Answer {
        /** Done, or begun. */
        record Accepted() implements Answer {}

        /** Answered when the instance has got there, or cannot get there any more. */
        record When(Goal goal) implements Answer {}

        record Refused(ErrorCode code) implements Answer {}
    }

    static Decision accept(InstanceState next, Effect... effects) {
        return new Decision(next, List.of(effects), new Answer.Accepted());
    }

    static Decision when(Goal goal, InstanceState next, Effect... effects) {
        return new Decision(next, List.of(effects), new Answer.When(goal));
    }

    static Decision refuse(InstanceState same, ErrorCode code) {
        return new Decision(same, List.of(), new Answer.Refused(code));
    }
}
