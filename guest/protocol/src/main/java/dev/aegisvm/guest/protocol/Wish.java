package dev.aegisvm.guest.protocol;

/** Builds a call around the streams that it opens. */
@FunctionalInterface
public interface Wish<R extends FromGuest.Result> {
    ToGuest<R> with(Streams streams) throws CallFailed;
}
