/// An HTTP status; written as a number or by name.
package struct Status: Hashable, Sendable, ExpressibleByIntegerLiteral {
    /// The number.
    package let code: Int

    /// A status by its number.
    package init(_ code: Int) { self.code = code }

    /// A status by its number.
    package init(integerLiteral value: Int) { self.code = value }

    /// 200: here it is.
    package static let ok: Status = 200
    /// 201: it was made.
    package static let created: Status = 201
    /// 202: it will be done.
    package static let accepted: Status = 202
    /// 204: done, nothing to say.
    package static let noContent: Status = 204
    /// 301: it is there from now on.
    package static let movedPermanently: Status = 301
    /// 302: look there.
    package static let found: Status = 302
    /// 303: look there, with GET.
    package static let seeOther: Status = 303
    /// 304: what you have is current.
    package static let notModified: Status = 304

    /// `2xx`, `4xx`: what metrics count by.
    var family: String { "\(code / 100)xx" }
}
