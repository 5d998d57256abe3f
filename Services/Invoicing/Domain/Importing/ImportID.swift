package import PaymentModel

/// One file that is taken in.
package struct ImportID: Identifier {
    package let words: IdentifierWords
    package init(words: IdentifierWords) { self.words = words }
}
