using System.Collections.Concurrent;

namespace FedRec.Grains.Tests.Messages;

/// <summary>Keeps what is sent with every call between grains, grain services included, and what is answered.</summary>
internal sealed class CapturedCalls
{
    private readonly ConcurrentQueue<(string Call, object Message)> _messages = new();

    public IReadOnlyCollection<(string Call, object Message)> Messages => _messages;

    /// <summary>Names of the methods called.</summary>
    public IEnumerable<string> Calls => _messages.Select(message => message.Call).Distinct();

    /// <summary>From now on sees every call of a federation.</summary>
    public void Watch(CallGate gate)
    {
        gate.Before = call =>
        {
            for (var i = 0; i < call.Request.GetArgumentCount(); i++)
            {
                Add(call, call.Request.GetArgument(i));
            }

            return Task.CompletedTask;
        };
        gate.After = call => Add(call, call.Result);
    }

    private void Add(IIncomingGrainCallContext call, object? message)
    {
        if (message is not (null or CancellationToken))
        {
            _messages.Enqueue(($"{call.InterfaceName.Split('.')[^1]}.{call.MethodName}", message));
        }
    }
}
