package import PaymentModel

/// How a client is reached.
package struct Reach: Hashable, Sendable {
    package let phone: Phone?
    package let email: EmailAddress?

    package init(phone: Phone?, email: EmailAddress?) {
        self.phone = phone
        self.email = email
    }
}

/// Why two clients do not become one.
package enum MergeRejection: Error, Hashable, Sendable {
    case sameClient
}

/// How the client that stays is reached when another one becomes it; no number and no address is lost (INV-1).
package struct MergePlan: Hashable, Sendable {
    /// What the client that stays has then: its own, and of the other what it had none of.
    package let kept: Reach
    /// What of the other one has no place there, which is kept as another person of the client's; nil when all has.
    package let left: Reach?

    package init(_ merged: Reach, into staying: Reach) {
        kept = Reach(phone: Self.phone(staying.phone, merged.phone), email: staying.email ?? merged.email)
        let left = Reach(
            phone: merged.phone?.readNow == kept.phone?.readNow ? nil : merged.phone,
            email: merged.email == kept.email ? nil : merged.email)
        self.left = left.phone == nil && left.email == nil ? nil : left
    }

    /// Of one number that is kept in two ways stays the one it is read in.
    private static func phone(_ staying: Phone?, _ merged: Phone?) -> Phone? {
        guard let staying, let merged, staying.readNow == merged else { return staying ?? merged }
        return merged
    }
}

/// Why a number does not change hands.
package enum PhoneMoveRejection: Error, Hashable, Sendable {
    case sameClient
    case noPhone
    /// The other client has a number, which would be lost.
    case otherHasOne(Phone)
}

/// A phone number that goes from one client to another (INV-1).
package struct PhoneMove: Hashable, Sendable {
    package let phone: Phone

    /// `replacing` says that the number the other client has may go.
    package init(from phone: Phone?, to other: Phone?, replacing: Bool) throws(PhoneMoveRejection) {
        guard let phone else { throw .noPhone }
        if let other, !replacing { throw .otherHasOne(other) }
        self.phone = phone
    }
}
