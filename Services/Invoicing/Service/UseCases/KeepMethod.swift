import HTTPServer
import InvoicingDomain
import PaymentModel
import TransactionalMessaging

/// Changes how an organisation is paid, or adds a way (INV-6).
struct KeepMethod {
    let database: Database
    let audit: AuditStore
    let methods = MethodStore()

    /// Why a method is not taken in.
    enum Refusal: Error {
        case codeInUse
        case tooMany(max: Int)
        /// Its kind stays what it is: payments rely on it.
        case kindStays(MethodKind)
        case onlineWithoutProvider
    }

    func add(_ method: PaymentMethod, because cause: Cause) async throws -> Applied<MethodAnswer> {
        try await database.change(because: cause) { change in
            let known = try methods.all(of: change.cause.organisation, in: &change.transaction)
            guard !known.contains(where: { $0.method.code == method.code }) else { throw Refusal.codeInUse }
            guard known.count < PaymentMethod.countMax else { throw Refusal.tooMany(max: PaymentMethod.countMax) }
            return try put(method, over: nil, in: &change)
        }
    }

    func change(
        _ method: PaymentMethod, seen version: Int64, because cause: Cause
    ) async throws -> Applied<MethodAnswer> {
        try await database.change(because: cause) { change in
            let organisation = change.cause.organisation
            guard let known = try methods.find(method.code, of: organisation, in: &change.transaction) else {
                throw NotFound.method
            }
            guard known.method.kind == method.kind else { throw Refusal.kindStays(known.method.kind) }
            guard known.version == version else { throw StaleVersion(current: known.version) }
            return try put(method, over: known, in: &change)
        }
    }

    private func put(
        _ method: PaymentMethod, over known: MethodRecord?, in change: inout Change
    ) throws -> MethodAnswer {
        guard !method.isOnline || method.kind.arrivesByItself else { throw Refusal.onlineWithoutProvider }
        let version = known?.version ?? 0
        guard try methods.put(method, over: version, in: &change) else { throw StaleVersion(current: version + 1) }
        let answer = MethodAnswer(MethodRecord(method: method, version: version + 1))
        try audit.record(
            "payment-method-changed", about: change.cause.organisation, before: known.map { MethodAnswer($0) },
            after: answer, in: &change)
        return answer
    }
}
