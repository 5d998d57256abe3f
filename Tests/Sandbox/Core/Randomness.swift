/// Repeatable randomness (SplitMix64): the same seed and the same calls give the same ids.
struct Randomness: RandomNumberGenerator, Sendable {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// An id of the provider's kind, "payment_" and 32 letters and digits.
    mutating func identifier(_ prefix: String) -> String {
        let letters = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
        var text = prefix
        for _ in 0..<32 { text.append(letters[Int(next() % UInt64(letters.count))]) }
        return text
    }
}
