using Orleans.Serialization;

namespace FedRec.Grains.Tests;

/// <summary>Sees every call that reaches a grain of FedRec, and can hold or fail it.</summary>
internal sealed class CallGate : IIncomingGrainCallFilter
{
    /// <summary>What to do before a call; throws to fail it, waits to hold it.</summary>
    public Func<IIncomingGrainCallContext, Task> Before { get; set; } = _ => Task.CompletedTask;

    /// <summary>What to do after a call that succeeded.</summary>
    public Action<IIncomingGrainCallContext> After { get; set; } = _ => { };

    public async Task Invoke(IIncomingGrainCallContext context)
    {
        if (context.InterfaceName?.StartsWith("FedRec.", StringComparison.Ordinal) != true)
        {
            await context.Invoke();
            return;
        }

        await Before(context);
        await context.Invoke();
        After(context);
    }

    /// <summary>The arguments and the result of a call, as they would travel.</summary>
    public static IEnumerable<byte[]> Messages(IIncomingGrainCallContext context, Serializer serializer)
    {
        for (var i = 0; i < context.Request.GetArgumentCount(); i++)
        {
            yield return serializer.SerializeToArray(context.Request.GetArgument(i));
        }

        yield return serializer.SerializeToArray(context.Result);
    }
}
