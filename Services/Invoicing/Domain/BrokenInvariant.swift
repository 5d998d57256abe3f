/// Amounts would not fit together any more: nothing of the change is kept, and an operator has to look.
///
/// Thrown and not trapped: a request that finds it again and again must not end the process for everybody else.
package struct BrokenInvariant: Error, CustomStringConvertible {
    /// What does not hold, and of what.
    package let description: String

    /// Says what does not hold.
    package init(_ description: String) { self.description = description }
}
