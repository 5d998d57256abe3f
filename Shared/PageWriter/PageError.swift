/// Why a document could not be drawn or written.
package struct PageError: Error, Hashable, Sendable {
    /// What went wrong, and with what.
    package let reason: String

    package init(_ reason: String) { self.reason = reason }
}
