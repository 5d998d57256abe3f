import Hummingbird

/// What is asked of a resource, apart from the server library's own type.
enum CallMethod: String, Sendable {
    case get = "GET"
    case post = "POST"
    case put = "PUT"
    case patch = "PATCH"
    case delete = "DELETE"
}

/// Registers the operations of one simulated API; each can be spoilt by the faults that name it.
struct Endpoints {
    typealias Handler = @Sendable (Call, World) async throws -> Reply

    let router: Router<ConnectionContext>
    let world: World
    let sender: DeliverySender
    let prefix: String
    /// First half of an operation's name, "alma" in "alma.create-payment".
    let family: String

    func add(_ method: CallMethod, _ path: String, _ operation: String, _ handle: @escaping Handler) {
        let faulty = FaultyCall(operation: "\(family).\(operation)", world: world, sender: sender)
        let answer: @Sendable (Request, ConnectionContext) async throws -> Response = { request, context in
            let call = try await ServerBridge.call(request, context)
            return await ServerBridge.response(await faulty.answer(call, by: handle), context)
        }
        let path = RouterPath(prefix + path)
        switch method {
        case .get: router.get(path, use: answer)
        case .post: router.post(path, use: answer)
        case .put: router.put(path, use: answer)
        case .patch: router.patch(path, use: answer)
        case .delete: router.delete(path, use: answer)
        }
    }
}
