package dev.aegisvm.daemon.images;

import dev.aegisvm.api.ApiError;
import dev.aegisvm.api.ApiException;
import dev.aegisvm.api.ErrorCode;
import dev.aegisvm.image.ImageException;

/** What it is to clients that an image could not be had. */
final class ImageRefusal {
    private ImageRefusal() {}

    static ApiException of(ImageException obstacle) {
        ErrorCode code = code(obstacle.reason());
        ApiError error = obstacle.hint().isEmpty()
                ? ApiError.of(code, obstacle.getMessage())
                : ApiError.of(code, obstacle.getMessage(), obstacle.hint());
        return new ApiException(code.status(), error, obstacle);
    }

    private static ErrorCode code(ImageException.Reason reason) {
        return switch (reason) {
            case BAD_REFERENCE -> ErrorCode.BAD_REQUEST;
            case NOT_FOUND -> ErrorCode.IMAGE_NOT_FOUND;
            case UNAUTHORIZED -> ErrorCode.IMAGE_UNAUTHORIZED;
            case UNREACHABLE -> ErrorCode.REGISTRY_UNREACHABLE;
            case BROKEN -> ErrorCode.IMAGE_BROKEN;
            case TOO_LARGE -> ErrorCode.IMAGE_TOO_LARGE;
            case WRONG_PLATFORM -> ErrorCode.IMAGE_WRONG_PLATFORM;
            case IN_USE -> ErrorCode.IMAGE_IN_USE;
            case STORAGE -> ErrorCode.IMAGE_STORAGE;
        };
    }
}
