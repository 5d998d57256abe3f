/// Something of a test's world did not do as told.
package struct BenchFailure: Error {
    package let text: String

    package init(text: String) { self.text = text }
}
