package dev.aegisvm.host;

import module java.base;

/**
 * A seccomp filter (seccomp(2), classic BPF) under which no file can get the set-user-id or set-group-id bit: a guest could
 * otherwise leave a program in a shared directory that gives whoever starts it the rights of the user who runs QEMU. The
 * calls that set modes fail with EPERM when one of the two bits is asked for; all others are let through.
 *
 * <p>For x86-64; a call of another architecture fails. A directory made by mkdir(2) cannot get these bits but by inheritance.
 */
public final class ModeFilter {
    private static final int SETUID_OR_SETGID = 06000;

    // asm/unistd_64.h: the calls with a mode, by the place of the mode among their arguments.
    private static final int[] MODE_IS_SECOND = {85 /* creat */, 90 /* chmod */, 91 /* fchmod */, 133 /* mknod */};
    private static final int[] MODE_IS_THIRD = {2 /* open */, 259 /* mknodat */, 268 /* fchmodat */, 452 /* fchmodat2 */
    };
    private static final int[] MODE_IS_FOURTH = {257 /* openat */};
    /** Its mode lies in memory, where a filter cannot look; whoever gets ENOSYS takes openat. */
    private static final int OPENAT2 = 437;

    // linux/audit.h, linux/bpf_common.h, linux/seccomp.h, asm/errno.h
    private static final int AUDIT_ARCH_X86_64 = 0xC000003E;
    private static final int X32_BIT = 0x40000000;
    private static final short LOAD_WORD = 0x20;
    private static final short JUMP_IF_EQUAL = 0x15;
    private static final short JUMP_IF_GREATER_OR_EQUAL = 0x35;
    private static final short JUMP_IF_ANY_BIT = 0x45;
    private static final short RETURN = 0x06;
    private static final int ALLOW = 0x7FFF0000;
    private static final int FAIL = 0x00050000;
    private static final int EPERM = 1;
    private static final int ENOSYS = 38;

    /** Offsets in {@code struct seccomp_data}; the lower half of a 64-bit argument comes first. */
    private static final int NUMBER = 0;

    private static final int ARCHITECTURE = 4;
    private static final int ARGUMENTS = 16;

    /** {@code struct sock_filter}: the operation, how far to jump if true and if false, an operand. */
    private record Instruction(short code, int ifTrue, int ifFalse, int operand) {
        static final int BYTES = 8;
    }

    private final List<Instruction> instructions = new ArrayList<>();

    private ModeFilter() {}

    /** The program as setpriv(1) and seccomp(2) take it. */
    public static byte[] program() {
        ModeFilter filter = new ModeFilter();
        filter.compose();
        ByteBuffer bytes = ByteBuffer.allocate(filter.instructions.size() * Instruction.BYTES)
                .order(ByteOrder.nativeOrder());
        for (Instruction each : filter.instructions) {
            bytes.putShort(each.code())
                    .put((byte) each.ifTrue())
                    .put((byte) each.ifFalse())
                    .putInt(each.operand());
        }
        return bytes.array();
    }

    private void compose() {
        add(LOAD_WORD, 0, 0, ARCHITECTURE);
        add(JUMP_IF_EQUAL, 1, 0, AUDIT_ARCH_X86_64);
        add(RETURN, 0, 0, FAIL | ENOSYS);
        add(LOAD_WORD, 0, 0, NUMBER);
        add(JUMP_IF_GREATER_OR_EQUAL, 0, 1, X32_BIT);
        add(RETURN, 0, 0, FAIL | ENOSYS);
        add(JUMP_IF_EQUAL, 0, 1, OPENAT2);
        add(RETURN, 0, 0, FAIL | ENOSYS);
        refuse(MODE_IS_SECOND, 1);
        refuse(MODE_IS_THIRD, 2);
        refuse(MODE_IS_FOURTH, 3);
        add(RETURN, 0, 0, ALLOW);
    }

    /** Five instructions for each call; a call that is not meant goes on behind them, its number still loaded. */
    private void refuse(int[] calls, int argument) {
        for (int call : calls) {
            add(JUMP_IF_EQUAL, 0, 4, call);
            add(LOAD_WORD, 0, 0, ARGUMENTS + argument * Long.BYTES);
            add(JUMP_IF_ANY_BIT, 0, 1, SETUID_OR_SETGID);
            add(RETURN, 0, 0, FAIL | EPERM);
            add(RETURN, 0, 0, ALLOW);
        }
    }

    private void add(short code, int ifTrue, int ifFalse, int operand) {
        instructions.add(new Instruction(code, ifTrue, ifFalse, operand));
    }
}
