package import PaymentModel

/// Why a document could not be drawn or written.
package struct PageError: Error, Hashable, Sendable {
    /// What went wrong, and with what.
    package let reason: Sentence

    package init(_ reason: Sentence) { self.reason = reason }
}
